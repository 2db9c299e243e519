"""An example with the real Pulumi CLI, in an Azure of the test's own that holds what it expects."""

import shutil
import subprocess
from typing import Any

import pytest

from components.content.places import ROOT
from lab.azure import Azure
from lab.engine.pulumi_cli import PulumiCli
from lab.provider.control_server import ControlServer

STACK = "local"
EXAMPLES = ROOT / "examples"
NO_REGISTRY = ("ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "ECONNREFUSED", "NewConnectionError")


class Example:
    """A folder of examples/ and the CLI, with `given` as the values that only an owner knows."""

    def __init__(self, name: str, azure: Azure, control: ControlServer, **given: str) -> None:
        self.folder = EXAMPLES / name
        self.azure = azure
        self._given = given
        self.cli = PulumiCli(azure.state_dir / "pulumi", self.folder, control.file)

    def install(self, package: str = "") -> None:
        """What the project names, or a package more; skips where requirements cannot be had."""
        said, code = self._run(*(("package", "add", package) if package else ("install",)))
        if code != 0 and any(word in said for word in NO_REGISTRY):
            pytest.skip("the package registries are out of reach")
        assert code == 0, said

    def run(self, *arguments: str, fails: bool = False) -> str:
        said, code = self._run(*arguments, "--non-interactive", "--color", "never")
        assert (code != 0) == fails, said
        return said

    def up(self, *arguments: str) -> str:
        return self.run("up", "--yes", "--skip-preview", *arguments)

    def _run(self, *arguments: str) -> tuple[str, int]:
        self.cli.prepare(STACK, self._given)
        done = subprocess.run(
            self.cli.command(arguments, STACK),
            cwd=self.folder,
            env=self.cli.environment(STACK),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=400,
        )
        return done.stdout, done.returncode


def refuse_missing(*programs: str) -> None:
    """Skips the test where a program is not on PATH."""
    missing = [each for each in programs if shutil.which(each) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not on PATH")


def existing(azure: Azure) -> dict[str, str]:
    """A web app and a workspace that somebody made by other means; settings that name them."""
    group = "made-by-hand"
    place: dict[str, Any] = {"resourceGroupName": group, "location": "westeurope"}
    create = azure.resources.create
    create("azure-native:resources:ResourceGroup", "group", place)
    logs = create("azure-native:operationalinsights:Workspace", "logs", {**place})
    plan = create(
        "azure-native:web:AppServicePlan",
        "plan",
        {**place, "kind": "linux", "reserved": True, "sku": {"name": "B1"}},
    )
    app = create(
        "azure-native:web:WebApp",
        "app",
        {**place, "name": "by-hand", "kind": "app,linux", "reserved": True}
        | {"serverFarmId": plan.id, "siteConfig": {"linuxFxVersion": "PYTHON|3.12"}},
    )
    return {"resourceGroupName": group, "workspaceId": logs.id, "appId": app.id}
