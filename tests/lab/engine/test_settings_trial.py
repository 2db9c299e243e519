"""Settings of a stack's file are judged as they are, even where the lab replaces them."""

from pathlib import Path

import pytest

from components.limits.refusal import RefusedError
from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine import settings_trial
from lab.engine.in_process import deploy
from lab.rehearsal.rehearsal import START

PROJECT = """\
name: demo
runtime: python
config:
  hook: {type: string, default: ""}
  users: {type: object, default: {}}
  mail: {type: string}
"""
PROGRAM = """\
import pulumi
from pathlib import Path
from pulumi_azure_native import resources

config = pulumi.Config()
wrong = []
if not config.get("hook", "").startswith("https://"):
    wrong.append("hook is no https URL")
if "@" not in config.require("mail"):
    wrong.append("mail is no address")
if wrong:
    raise pulumi.RunError("; ".join(wrong))
resources.ResourceGroup("group", location="westeurope")
Path("came-past").touch()
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "__main__.py").write_text(PROGRAM)
    stack(folder, "demo:hook: https://hooks.example.com", "demo:mail: soc@example.com")
    return folder


def stack(folder: Path, *lines: str) -> None:
    (folder / "Pulumi.dev.yaml").write_text("config:\n" + "".join(f"  {each}\n" for each in lines))


def refusal(folder: Path, **given: str) -> str:
    with pytest.raises(RefusedError) as caught:
        settings_trial.judge(folder, "dev", given)
    return str(caught.value)


def test_sound_settings_pass_and_the_program_goes_no_further_than_its_first_resource(
    program: Path,
) -> None:
    settings_trial.judge(program, "dev", {})
    assert not (program / "came-past").exists()
    assert (program / "__main__.py").exists()


def test_what_the_file_says_is_judged_although_it_is_replaced(program: Path) -> None:
    stack(program, "demo:hook: http://hooks.example.com", "demo:mail: soc@example.com")
    assert refusal(program, hook="https://inbox.example.com") == "hook is no https URL"


def test_what_the_file_does_not_say_comes_from_the_lab(program: Path) -> None:
    stack(program, "demo:mail: soc@example.com")
    settings_trial.judge(program, "dev", {"hook": "https://inbox.example.com"})
    assert refusal(program) == "hook is no https URL"


def test_what_is_encrypted_cannot_be_judged_and_is_replaced(program: Path) -> None:
    stack(program, "demo:hook: {secure: v1:abc}", "demo:mail: soc@example.com")
    settings_trial.judge(program, "dev", {"hook": "https://inbox.example.com"})
    stack(program, "demo:hook: {secure: v1:abc}", "demo:mail: nobody")
    assert refusal(program, hook="https://inbox.example.com") == "mail is no address"


def test_a_replaced_value_of_the_wrong_type_is_refused_by_its_key_alone(program: Path) -> None:
    stack(program, "demo:users: hunter2", "demo:hook: [hunter2]", "demo:mail: soc@example.com")
    told = refusal(program, users='{"alice": "of the lab"}', hook="https://inbox.example.com")
    hook, users = told.splitlines()
    assert hook == "hook is no https URL", "the program's own words, which know what it is for"
    assert users.startswith("users is of type string; expected object (")
    assert users.endswith("Pulumi.dev.yaml:2)")
    assert "hunter2" not in told


def test_what_the_cli_would_refuse_hides_nothing_that_the_program_refuses(program: Path) -> None:
    stack(program, "demo:hook: http://hooks.example.com", "demo:users: [1]")
    *told, last = refusal(program).splitlines()
    assert "Missing required configuration variable 'demo:mail'" in told[0]
    assert last.startswith("users is of type array<integer>; expected object (")
    assert not any(line.startswith("mail is missing") for line in told), "once is enough"


def test_what_is_encrypted_and_needed_is_told_as_that(program: Path) -> None:
    stack(program, "demo:mail: {secure: v1:abc}")
    assert "mail is encrypted in the stack's file, for a key that is not here" in refusal(program)


def test_everything_wrong_in_the_file_is_told_at_once(program: Path) -> None:
    stack(program, "demo:hook: http://hooks.example.com", "demo:mail: nobody")
    told = refusal(program, hook="https://inbox.example.com")
    assert told == "hook is no https URL; mail is no address"


def test_a_fault_of_the_program_is_none_of_its_settings(program: Path) -> None:
    code = f"open({str(program / 'ran')!r}, 'w').close()\n1 / 0\n"
    (program / "__main__.py").write_text(code)
    settings_trial.judge(program, "dev", {})
    assert (program / "ran").exists()


def test_a_deployment_judges_what_it_replaces_before_anything_is_made(
    program: Path, tmp_path: Path
) -> None:
    stack(program, "demo:hook: http://hooks.example.com", "demo:mail: soc@example.com")
    with Azure(Clock(START), state_dir=tmp_path / "azure", run_apps=False) as azure:
        with pytest.raises(RefusedError, match="hook is no https URL"):
            deploy(program, "dev", azure, {"hook": "https://inbox.example.com"})
        assert azure.resources.list() == []
        assert not (program / "came-past").exists()
