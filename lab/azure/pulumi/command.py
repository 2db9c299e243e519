"""`command:local:Command`: the stack's own commands, really run, with the lab where Azure is."""

import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any, Final

from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.web.app_service import AppService
from lab.host.child_environment import inherited
from lab.host.process_group import ProcessGroup

SHELL: Final = ("/bin/sh", "-c")
LAST_LINES: Final = 12
NOT_RUN: Final = "not run: this lab runs no apps and no commands"
NOT_MODELLED: Final = ("assetPaths", "archivePaths")


class Command(ResourceType):
    """Semantics of pulumi-command 1.2 (`provider/pkg/provider/local`)."""

    pulumi_type = "command:local:Command"
    billing = Free("is nothing in a cloud")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        return [
            refused(key, inputs[key], "none: the lab runs commands and collects no files")
            for key in NOT_MODELLED
            if inputs.get(key)
        ]

    def create(self, resource: Resource) -> None:
        self._run(resource, "create")

    def update(self, resource: Resource) -> None:
        """Without an update command, create runs again."""
        self._run(resource, "update" if resource.inputs.get("update") else "create")

    def delete(self, resource: Resource) -> None:
        self._run(resource, "delete")

    def _run(self, resource: Resource, verb: str) -> None:
        command = resource.inputs.get(verb)
        if not self.azure.run_apps:
            resource.outputs |= {"stdout": "", "stderr": NOT_RUN}
            return
        if command is None:
            resource.outputs |= {"stdout": "", "stderr": ""}
            return
        beginning = self.azure.program_folder or Path.cwd()
        folder = beginning / str(resource.inputs.get("dir") or "")
        if not folder.is_dir():
            problem = refused("dir", str(folder), "a folder that exists", "is not there")
            raise ResourceError(self.pulumi_type, resource.logical_name, [problem])
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            code = self._child(resource, str(command), folder, stdout, stderr)
            out, errors = _text(stdout), _text(stderr)
        if code != 0:
            raise self._failure(resource, verb, code, errors or out)
        resource.outputs |= {"stdout": out, "stderr": errors}

    def _child(
        self, resource: Resource, command: str, folder: Path, stdout: IO[bytes], stderr: IO[bytes]
    ) -> int | None:
        interpreter = resource.inputs.get("interpreter") or SHELL
        with tempfile.TemporaryFile() as stdin:
            stdin.write(str(resource.inputs.get("stdin") or "").encode())
            stdin.seek(0)
            try:
                group = ProcessGroup(
                    [*map(str, interpreter), command],
                    environment=self._environment(resource),
                    folder=folder,
                    stdin=stdin if resource.inputs.get("stdin") else subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                )
            except OSError as error:
                problem = refused("interpreter", list(interpreter), f"{error.strerror}", "fails")
                raise ResourceError(self.pulumi_type, resource.logical_name, [problem]) from error
            self.azure.at_stop(group.end)
            try:
                return group.wait()
            finally:
                group.end()

    def _environment(self, resource: Resource) -> dict[str, str]:
        edge = self.azure.service(AppService).edge.environment()
        # Whom a program signs in as somewhere else does not lead out of the lab.
        own = {
            str(key): str(value)
            for key, value in _mapping(resource, "environment").items()
            if not str(key).startswith("ARM_")
        }
        before: dict[str, str] = {}
        if resource.inputs.get("addPreviousOutputInEnv", True):
            before = {
                f"PULUMI_COMMAND_{stream.upper()}": str(resource.outputs[stream])
                for stream in ("stdout", "stderr")
                if resource.outputs.get(stream)
            }
        return {**inherited(), **edge, **own, **before}

    def _failure(self, resource: Resource, verb: str, code: int | None, said: str) -> ResourceError:
        if "environment" in resource.secrets:
            for value in _mapping(resource, "environment").values():
                said = said.replace(str(value), "[secret]") if value else said
        last = [line for line in said.splitlines() if line.strip()][-LAST_LINES:]
        expectation = "\n  ".join(["exit code 0 is expected; it said last:", *last])
        problem = refused(verb, ABSENT, expectation, f"ended with exit code {code}")
        return ResourceError(self.pulumi_type, resource.logical_name, [problem], resource.secrets)


TYPES: Final[list[type[ResourceType]]] = [Command]


def _mapping(resource: Resource, key: str) -> dict[str, Any]:
    return dict(resource.inputs.get(key) or {})


def _text(stream: IO[bytes]) -> str:
    """As pulumi-command gives it back: without one final newline."""
    stream.seek(0)
    return stream.read().decode("utf-8", "replace").removesuffix("\n")
