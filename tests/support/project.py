"""The real Pulumi CLI on small programs, with an Azure of the test's own behind it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.clock.clock import Clock
from lab.engine.pulumi_cli import PulumiCli
from lab.provider.control_file import ControlFile
from lab.provider.control_server import ControlServer

STACK = "local"
VIRTUALENV = Path(sys.executable).parent.parent
PROJECT = f"""\
name: demo
runtime:
  name: python
  options: {{toolchain: pip, virtualenv: {VIRTUALENV}}}
config:
  password: {{type: string, secret: true}}
"""
HEAD = """\
import pulumi
import pulumi_command as command
import pulumi_random as random
from pulumi_azure_native import monitor, operationalinsights, resources, web

"""
PASSWORD = "-".join(["hunter2", "of", "nobody"])


class Project:
    """A program that can be changed between two runs of the CLI."""

    def __init__(self, folder: Path, azure: Azure, control: ControlServer) -> None:
        self.folder = folder
        self.azure = azure
        self.control = control
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(PROJECT)
        self.write("")
        self.cli = PulumiCli(azure.state_dir / "pulumi", folder, control.file)

    def write(self, body: str) -> None:
        (self.folder / "__main__.py").write_text(HEAD + dedent(body))

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """The CLI, running."""
        self.cli.prepare(STACK, {"password": PASSWORD})
        return subprocess.Popen(
            self.cli.command([*arguments, "--non-interactive", "--color", "never"], STACK),
            cwd=self.folder,
            env=self.cli.environment(STACK),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, fails: bool = False) -> str:
        """What the CLI said; a change that it does not announce is an error."""
        with self.start(*arguments) as process:
            said, _ = process.communicate(timeout=120)
        assert (process.returncode != 0) == fails, said
        return said

    def up(self, *arguments: str, fails: bool = False) -> str:
        return self.run("up", "--yes", "--skip-preview", *arguments, fails=fails)

    def steps(self, *arguments: str) -> list[tuple[str, str]]:
        """(step, logical name) of a preview, without what stays the same."""
        with self.start("preview", "--json", *arguments) as process:
            said, _ = process.communicate(timeout=120)
        planned = json.loads(said[said.index("{") :])["steps"]
        return [
            (step["op"], step["urn"].rpartition("::")[2])
            for step in planned
            if step["op"] != "same"
        ]

    def state(self) -> str:
        """The state as the file has it, secrets encrypted."""
        return self.cli.call(["stack", "export", "--stack", STACK], self.folder)

    @property
    def held(self) -> list[Resource]:
        return self.azure.resources.list()

    def ask(self, path: str, **request: Any) -> Any:
        """As somebody else who has the token."""
        control = ControlFile.read(self.control.file)
        assert control is not None
        return control.ask(path, request)


class Made:
    """A project with its Azure and its control."""

    def __init__(self, folder: Path, *, run_apps: bool) -> None:
        clock = Clock(datetime(2026, 1, 5, 7, 30, tzinfo=UTC))
        self._azure = Azure(clock, state_dir=folder / "azure", run_apps=run_apps)
        self._folder = folder

    def __enter__(self) -> Project:
        azure = self._azure.start()
        self._control = ControlServer(azure, azure.state_dir / "control.json")
        return Project(self._folder / "program", azure, self._control)

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self._azure.stop()
