"""The Pulumi CLI, set up to meet nobody but the lab: own home, own state, own plugins."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from components.limits.refusal import RefusedError
from lab.engine.deploy_error import DeployError
from lab.engine.passphrase import Passphrase
from lab.engine.stack_config import CLOUD, HERE, Project, is_encrypted, read_yaml
from lab.host.child_environment import inherited
from lab.host.private_file import private_folder, write_private
from lab.host.process_id import is_running
from lab.provider.control_file import HOST, VARIABLE, ControlFile
from lab.provider.plugin import DOWNLOADS, PACKAGES, program_name, script

PROGRAM_NAME: Final = "pulumi"
TAKES_CONFIG: Final = frozenset(
    {"up", "update", "preview", "pre", "refresh", "destroy", "down", "dn", "import", "config"}
)


def is_installed() -> bool:
    """Whether there is a CLI on PATH."""
    return shutil.which(PROGRAM_NAME) is not None


def refuse_missing() -> None:
    """RefusedError where there is no CLI."""
    if not is_installed():
        raise RefusedError.of(
            "pulumi is not on PATH",
            "install the Pulumi CLI (https://www.pulumi.com/docs/install), or rehearse without it:"
            " python -m lab rehearse --engine inprocess",
        )


class PulumiCli:
    """Everything it keeps lies in `folder`: state, passphrase, a copy of the stack's file."""

    def __init__(self, folder: Path, program: Path, control_file: Path) -> None:
        self.folder = private_folder(folder)
        self.project = Project.read(program, any_language=True)
        self._control_file = control_file.resolve()

    def environment(self, stack: str = "") -> dict[str, str]:
        """Of the CLI and of all that it starts; nothing leads to an account or to a real cloud."""
        folder = self.folder.resolve()
        return inherited() | {
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "PULUMI_HOME": str(private_folder(folder / "home")),
            "PULUMI_BACKEND_URL": private_folder(folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self._passphrase_file()),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # Nor does `pulumi install` look for them elsewhere; packages in Git are https://….
            "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES": f"^github://={self._downloads()}",
            VARIABLE: str(self._control_file),
            **({"PULUMI_STACK": stack} if stack else {}),
        }

    def prepare(self, stack: str, given: Mapping[str, str]) -> list[str]:
        """Makes the stack when there is none yet, with the values `given` beside its file's.

        Returns the file's secrets that are left out, because they are encrypted for another key.
        Raises DeployError with what the CLI says.
        """
        self._write_plugins()
        desk = private_folder(self._desk)
        write_private(desk / "Pulumi.yaml", f"name: {self.project.name}\nruntime: python\n")
        self._mend_state(stack)
        if not self._state_of(stack).exists():
            self.call(["stack", "init", stack, "--non-interactive"], desk)
        self._drop_dead_locks(stack)
        return self._write_config(stack, given)

    def command(self, arguments: Sequence[str], stack: str) -> list[str]:
        """The CLI's command line, with the lab's configuration where it takes one."""
        verb = next((each for each in arguments if not each.startswith("-")), "")
        own = ["--config-file", str(self.config_file(stack).resolve())]
        return [PROGRAM_NAME, *arguments, *(own if verb in TAKES_CONFIG else [])]

    def config_file(self, stack: str) -> Path:
        """The lab's copy of `Pulumi.<stack>.yaml`."""
        return self._desk / f"Pulumi.{stack}.yaml"

    @property
    def _desk(self) -> Path:
        return private_folder(self.folder / "desk") / self.project.name

    def _downloads(self) -> str:
        control = ControlFile.read(self._control_file)
        return f"http://{HOST}:{control.port if control else 0}{DOWNLOADS}"

    def call(self, arguments: Sequence[str], folder: Path, text: str = "") -> str:
        """What the CLI wrote; `text` is what it reads. DeployError when it fails."""
        done = subprocess.run(  # noqa: S603 - the CLI, with our own arguments
            [PROGRAM_NAME, *arguments],  # noqa: S607 - the user's own, from PATH
            cwd=folder,
            env=self.environment(),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            what = " ".join(arguments[:2])
            raise DeployError.of(f"pulumi {what} failed:\n{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def _passphrase_file(self) -> Path:
        path = self.folder.resolve() / "passphrase"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(32))
        return path

    def _mend_state(self, stack: str) -> None:
        """A CLI that was killed while it wrote leaves half a file, and the one of before.

        It keeps notes on each file beside it, without which it can read the file, and not with half
        of them.
        """
        state = self._state_of(stack)
        before = state.with_name(f"{state.name}.bak")
        if state.exists() and before.exists() and not _is_whole(state) and _is_whole(before):
            shutil.copyfile(before, state)
        for notes in state.parent.glob(f"{state.name}*.attrs"):
            if not _is_whole(notes):
                notes.unlink()

    def _drop_dead_locks(self, stack: str) -> None:
        """What a killed CLI left behind would keep every other one out."""
        locks = self.folder / "state" / ".pulumi" / "locks"
        for path in locks.glob(f"*/{self.project.name}/{stack}/*.json"):
            try:
                pid = int(json.loads(path.read_text(encoding="utf-8"))["pid"])
            except (ValueError, KeyError, TypeError, FileNotFoundError):
                continue  # none of Pulumi's, or just gone
            if not is_running(pid):
                path.unlink(missing_ok=True)

    def _write_plugins(self) -> None:
        folder = private_folder(self.folder / "bin")
        for package in PACKAGES:
            path = folder / program_name(package)
            write_private(path, script(package))
            path.chmod(0o700)

    def _state_of(self, stack: str) -> Path:
        folder = self.folder / "state" / ".pulumi" / "stacks" / self.project.name
        return folder / f"{stack}.json"

    def _write_config(self, stack: str, given: Mapping[str, str]) -> list[str]:
        """The stack's file as it is now, and what the lab gives; secrets encrypted."""
        path = self.config_file(stack)
        mine = read_yaml(path).value
        stated = (
            read_yaml(self.project.stack_folder / f"Pulumi.{stack}.yaml").value.get("config") or {}
        )
        foreign = [key for key, value in stated.items() if is_encrypted(value)]
        config = {CLOUD: HERE} | {
            self.project.full_key(key): value for key, value in stated.items() if key not in foreign
        }
        words = self._passphrase_file().read_text(encoding="utf-8")
        passphrase = Passphrase(words, mine["encryptionsalt"])
        for key, text in given.items():
            value, secret = self._declared(key, text)
            config[self.project.full_key(key)] = passphrase.secure(value) if secret else value
        mine["config"] = config
        write_private(path, yaml.safe_dump(mine, sort_keys=False))
        return [
            self.project.short_key(key)
            for key in foreign
            if self.project.full_key(key) not in config
        ]

    def _declared(self, key: str, text: str) -> tuple[Any, bool]:
        """The value in the type that the project declares, and whether it is a secret."""
        declared = self.project.declared.get(self.project.short_key(key))
        if not isinstance(declared, dict):
            return text, False
        value = json.loads(text) if declared.get("type") in ("array", "object") else text
        return value, bool(declared.get("secret"))


def _is_whole(file: Path) -> bool:
    try:
        return bool(json.loads(file.read_text(encoding="utf-8")))
    except ValueError:
        return False
