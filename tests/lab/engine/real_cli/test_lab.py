"""The program of this repository, unmodified, through `python -m lab pulumi`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from components.content.places import ROOT
from lab.background.folder import LiveFolder
from lab.host.lab_folder import VARIABLE
from tests.support.example import refuse_missing

pytestmark = pytest.mark.engine

COMMITTED = [*ROOT.glob("Pulumi*.yaml")]


class Lab:
    """The command line, with a folder of the test's own for everything."""

    def __init__(self, folder: Path) -> None:
        self.live = LiveFolder(folder / "live")
        self._environment = os.environ | {VARIABLE: str(folder)}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "lab", *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def pulumi(self, *arguments: str, folder: str = "") -> str:
        cwd = ["--cwd", folder] if folder else []
        done = self.run("pulumi", *cwd, "--", *arguments, "--non-interactive", "--color", "never")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def status(self) -> Any:
        return json.loads(self.run("status", "--json").stdout)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path / "state")
    yield made
    made.run("stop")


def test_the_stack_comes_up_stays_as_it_is_and_goes(lab: Lab) -> None:
    before = {path: path.read_bytes() for path in COMMITTED}

    assert "to create" in lab.pulumi("preview", "-s", "local")
    assert lab.status()["resources"] == [], "the preview started a lab, and made nothing in it"

    lab.pulumi("up", "--yes", "--skip-preview")
    found = lab.status()
    (app,) = found["apps"].values()
    with urlopen(f"{app['url']}/health", timeout=10) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["status"] == "ok"
    users = json.loads(lab.live.users.read_text())
    state = (lab.live.pulumi / "state/.pulumi/stacks/login-monitor/local.json").read_text()
    log = lab.live.log.read_text()
    assert not any(password in state + log for password in users.values())

    lab.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    lab.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert lab.status()["resources"] == found["resources"]

    lab.pulumi("destroy", "--yes", "--skip-preview")
    assert lab.status()["resources"] == []
    assert {path: path.read_bytes() for path in COMMITTED} == before


def test_the_stack_with_every_option_comes_up_stays_as_it_is_and_goes(lab: Lab) -> None:
    """Identities, roles, a database, limits and a vault: a preview knows little of each other."""
    assert "errored" not in lab.pulumi("preview", "-s", "max")
    lab.pulumi("up", "-s", "max", "--yes", "--skip-preview")
    lab.pulumi("up", "-s", "max", "--yes", "--skip-preview", "--expect-no-changes")
    lab.pulumi("refresh", "-s", "max", "--yes", "--skip-preview", "--expect-no-changes")
    lab.run("pulumi", "-s", "max", "--", "state", "unprotect", "--all", "--yes")
    lab.pulumi("destroy", "-s", "max", "--yes", "--skip-preview")
    assert lab.status()["resources"] == []


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_other_stacks_can_be_previewed(lab: Lab, stack: str) -> None:
    said = lab.pulumi("preview", "-s", stack)
    assert "to create" in said
    assert "errored" not in said


def test_a_program_in_another_language_comes_up_in_the_same_lab(lab: Lab) -> None:
    refuse_missing("pulumi-language-yaml")
    folder = "examples/yaml_stack"
    assert lab.run("pulumi", "--cwd", folder, "--", "install").returncode == 0
    lab.pulumi("up", "--yes", "--skip-preview", folder=folder)
    (app,) = lab.status()["apps"].values()
    with urlopen(f"{app['url']}/health", timeout=10) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["status"] == "ok", "the package's own Python delivered the code"
    password = lab.pulumi(
        "stack", "output", "--show-secrets", "firstUserPassword", folder=folder
    ).strip()
    state = (lab.live.pulumi / "state/.pulumi/stacks/yaml-login/local.json").read_text()
    assert len(password) >= 20
    assert password not in state
    lab.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes", folder=folder)
    lab.pulumi("destroy", "--yes", "--skip-preview", folder=folder)
    assert lab.status()["resources"] == []


def test_a_folder_without_a_program_is_refused(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, words in (
        (tmp_path / "none", "is no folder; expected a program's folder"),
        (tmp_path / "empty", "Pulumi.yaml does not exist; expected a Pulumi project"),
    ):
        done = lab.run("pulumi", "--cwd", str(folder), "--", "preview")
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_the_cli_says_itself_what_is_wrong(lab: Lab) -> None:
    done = lab.run("pulumi", "--", "up", "--no-such-option")
    assert done.returncode != 0
    assert "unknown flag: --no-such-option" in done.stderr
    done = lab.run("pulumi", "--", "preview", "--stack")
    assert done.returncode == 2
    assert "--stack has no value; expected the name of a stack" in done.stderr


def test_settings_that_the_lab_replaces_are_judged_as_the_stack_has_them(
    lab: Lab, tmp_path: Path
) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(
        "name: demo\nruntime: python\nconfig: {webhookUrl: {type: string, default: ''}}\n"
    )
    (folder / "Pulumi.local.yaml").write_text("config: {demo:webhookUrl: hooks.example.com}\n")
    (folder / "__main__.py").write_text(
        "import pulumi\n"
        "if '://' not in pulumi.Config().require('webhookUrl'):\n"
        "    raise pulumi.RunError('webhookUrl (hidden) is no URL; expected https://…')\n"
    )
    refused = lab.run("pulumi", "--cwd", str(folder), "--", "preview", "--non-interactive")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "webhookUrl (hidden) is no URL; expected https://…" in refused.stderr
    assert not (lab.live.pulumi / "desk").exists(), "the CLI was asked before"
