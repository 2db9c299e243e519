"""The examples come up, stay as they are, and go, with the real Pulumi CLI."""

import pytest

from lab.azure import Azure
from lab.provider.control_server import ControlServer
from tests.support.example import EXAMPLES, Example, existing, refuse_missing

pytestmark = pytest.mark.engine

RULE = "azure-native:monitor:ScheduledQueryRule"


def lives_and_dies(example: Example) -> list[str]:
    """The logical names of what it made."""
    before = {path: path.read_bytes() for path in example.folder.iterdir() if path.is_file()}
    there = len(example.azure.resources.list())
    example.install()
    assert "to create" in example.run("preview")
    assert len(example.azure.resources.list()) == there, "a preview makes nothing"
    example.up()
    made = [each.logical_name for each in example.azure.resources.list()[there:]]
    assert made
    example.up("--expect-no-changes")
    example.run("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    example.run("destroy", "--yes", "--skip-preview")
    assert len(example.azure.resources.list()) == there, "nothing is left"
    after = {path: path.read_bytes() for path in before}
    assert after == before, "what is committed stays as it was"
    return made


def test_the_yaml_stack(azure: Azure, control: ControlServer) -> None:
    refuse_missing("pulumi-language-yaml")
    example = Example("yaml_stack", azure, control)
    made = lives_and_dies(example)
    assert {"login-group", "login-app-site", "login-app-code", "login-logs-workspace"} <= set(made)


def test_the_typescript_stack(azure: Azure, control: ControlServer) -> None:
    refuse_missing("pulumi-language-nodejs", "node", "npm")
    given = existing(azure)
    del given["appId"]
    made = lives_and_dies(Example("typescript_stack", azure, control, **given))
    assert sorted(made) == [
        "login-brute_force_on_one_account",
        "login-password_spray",
        "login-routine",
        "login-success_after_spray",
        "login-urgent",
    ]


def test_the_python_stack(azure: Azure, control: ControlServer) -> None:
    made = lives_and_dies(Example("python_stack", azure, control, **existing(azure)))
    assert {"logs", "login-urgent", "login-password_spray"} <= set(made)


def test_every_example_is_run_here() -> None:
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    tested = {name.removeprefix("test_the_") for name in globals() if name.startswith("test_the_")}
    assert tested == folders
