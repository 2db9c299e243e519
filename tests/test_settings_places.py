"""Refusals name file and line; receivers that nobody has are refused where alerts are real."""

import contextvars
import shutil
import subprocess
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime.settings import SETTINGS

import settings
from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.engine import settings_trial
from lab.engine.pulumi_cli import is_installed
from settings.stack_file import StackFile
from tests.conftest import Engine, StackConfig

PROGRAM = f"""\
import sys

sys.path.insert(0, {str(ROOT)!r})
import settings

settings.read()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A program that reads the settings and makes nothing."""
    folder = tmp_path / "program"
    folder.mkdir()
    declared = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(
        declared.replace("virtualenv: .venv", f"virtualenv: {ROOT}/.venv")
    )
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


def stack_file(project: Path, text: str) -> None:
    (project / "Pulumi.dev.yaml").write_text(f"config:\n{text}")


def refused(project: Path) -> list[str]:
    with pytest.raises(RefusedError) as told:
        settings_trial.judge(project, "dev", {})
    heading, *lines = str(told.value).splitlines()
    assert heading == "stack dev has settings that cannot work:"
    return [line.removeprefix("  - ") for line in lines]


def test_every_fault_of_a_file_is_told_with_its_line(project: Path) -> None:
    stack_file(
        project,
        """\
  # who is told
  login-monitor:alertEmails:
    - soc@example.com
    - nobody
  login-monitor:retentionDays: 5
  login-monitor:suppressionWindows:
    - {name: a, start: "2027-01-16T20:00:00", end: "2027-01-17T06:00:00"}
    - name: b
      repeats: daily
      days: [Monday]
  login-monitor:detectionOverrides:
    password_spray:
      threshold: 9
    brute_force_on_one_account: {threshold: -1}
  loginmonitor:location: eastus
  login-monitor:zoneRedundant: true
  login-monitor:pythonVersion: 3.10
""",
    )
    found = refused(project)
    assert [line.rpartition(" (")[2].rstrip(")") for line in found] == [
        *("Pulumi.dev.yaml:16", "Pulumi.dev.yaml:5", "Pulumi.dev.yaml:11"),
        *("Pulumi.dev.yaml:6", "Pulumi.dev.yaml:18", "Pulumi.dev.yaml:17", "Pulumi.dev.yaml:15"),
    ]
    assert [line.partition(" ")[0] for line in found] == [
        *("loginmonitor:location", "alertEmails[1]", "suppressionWindows[1].days"),
        *("retentionDays", "pythonVersion", "zoneRedundant"),
        "detectionOverrides.brute_force_on_one_account.threshold",
    ]


def test_a_value_of_the_wrong_type_is_told_with_all_the_others(project: Path) -> None:
    """The CLI would tell one of them, without line and value."""
    stack_file(
        project,
        """\
  login-monitor:alertEmails: soc@example.com
  login-monitor:retentionDays: a year
  login-monitor:zoneRedundant: [true]
  login-monitor:initialUsers: hunter2hunter2
  login-monitor:instances: 99
""",
    )
    found = refused(project)
    assert len(found) == 5
    assert found[0].startswith("alertEmails soc@example.com is no list; expected a mail address")
    assert {line.rpartition("yaml:")[2] for line in found} == {"2)", "3)", "4)", "5)", "6)"}
    assert not [line for line in found if "hunter2" in line]


def test_what_is_missing_is_told_with_the_others(project: Path) -> None:
    stack_file(project, "  login-monitor:retentionDays: 5\n")
    command = "pulumi config set --path 'alertEmails[0]' <value>"
    assert refused(project) == [
        f"alertEmails is missing; expected a mail address or more: {command}",
        "retentionDays 5 is out of range; expected 30 to 730 (Pulumi.dev.yaml:2)",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("config: [a]", "config is not a mapping; expected keys and values"),
        ("- a", "is not a mapping; expected keys and values"),
        (
            "config:\n  login-monitor:retentionDays: 30\n  login-monitor:retentionDays: 60\n",
            "login-monitor:retentionDays stands twice; expected once",
        ),
    ],
)
def test_a_file_that_says_nothing_clear_is_refused(project: Path, text: str, words: str) -> None:
    (project / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(RefusedError) as told:
        settings_trial.judge(project, "dev", {})
    assert words in str(told.value)
    assert "Pulumi.dev.yaml:" in str(told.value)


def test_what_the_file_does_not_say_has_no_line(project: Path) -> None:
    stack_file(project, "  login-monitor:alertEmails: [soc@example.com]\n")
    with pytest.raises(RefusedError) as told:
        settings_trial.judge(project, "dev", {"retentionDays": "5"})
    assert str(told.value).endswith("retentionDays 5 is out of range; expected 30 to 730")


@pytest.mark.parametrize(
    ("path", "line"),
    [("", 2), (".inside", 3), (".inside[1]", 5), (".inside[1].deep", 6), (".other", 2), ("[7]", 2)],
)
def test_a_path_leads_as_far_as_the_file_goes(tmp_path: Path, path: str, line: int) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  p:key:\n    inside:\n    - 1\n    - and: 2\n      deep: 3\n"
    )
    file = StackFile.of(tmp_path, "dev")
    assert file.place("p:key", path, None).in_file() == f"Pulumi.dev.yaml:{line}"


@pytest.mark.parametrize(
    ("written", "given", "is_its"),
    [
        ("5", "5", True),
        ("true", "true", True),
        ("3.10", "3.1", True),
        ("[a, b]", '["a","b"]', True),
        ("{a: 1}", '{"a":1}', True),
        ("{secure: v1:abc}", "hunter2", True),
        ("2027-01-16", "2027-01-16", True),
        ("5", "6", False),
        ("[a]", '["b"]', False),
    ],
)
def test_a_line_is_named_where_the_value_is_the_files(
    tmp_path: Path, written: str, given: str, is_its: bool
) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(f"config:\n  p:key: {written}\n")
    place = StackFile.of(tmp_path, "dev").place("p:key", "", given).in_file()
    assert place == ("Pulumi.dev.yaml:2" if is_its else "")


@pytest.mark.parametrize(
    "text", [None, "", "- a", "config: [a]", "config: {", "config:\n  k: &x [*x]"]
)
def test_a_file_without_places_is_no_fault(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "Pulumi.dev.yaml").write_text(text)
    assert StackFile.of(tmp_path, "dev").place("p:key", "", None).in_file() == ""


REAL = {
    "alertEmails": ["soc@contoso.com", "soc@mail.example.org"],
    "urgentEmails": ["duty@soc.test"],
    "webhookUrl": "https://hooks.example.net/key",
    "playbook": "simulate",
    "playbookUrl": "https://channel.invalid/key",
}


def read_in(project: Path, engine: Engine) -> None:
    def program() -> None:
        SETTINGS.root_directory = str(project)
        settings.read()

    contextvars.copy_context().run(engine.deploy, program)


def test_receivers_that_nobody_has_are_refused_where_alerts_are_real(
    project: Path, engine: Engine, stack_config: StackConfig
) -> None:
    stack_config("dev", **REAL)
    with pytest.raises(settings.SettingsError) as told:
        read_in(project, engine)
    lines = str(told.value).splitlines()[1:]
    assert [line.split()[1] for line in lines] == [
        *("alertEmails[1]", "urgentEmails[0]", "webhookUrl", "playbookUrl")
    ]
    assert "pulumi config set --path 'alertEmails[1]' <address>" in lines[0]
    assert "key" not in "".join(lines), "the URLs are secrets"


def test_they_are_taken_where_the_cloud_is_this_machine(
    project: Path, engine: Engine, stack_config: StackConfig
) -> None:
    given = dict(stack_config("dev", **REAL))
    pulumi.runtime.set_all_config(given | {"azure-native:metadataHost": "127.0.0.1"}, [])
    read_in(project, engine)
    pulumi.runtime.set_all_config(given | {"azure-native:metadataHost": "management.local"}, [])
    with pytest.raises(settings.SettingsError, match="mail.example.org"):
        read_in(project, engine)


def test_receivers_of_ones_own_are_taken_everywhere(
    project: Path, engine: Engine, stack_config: StackConfig
) -> None:
    own = {"alertEmails": ["soc@contoso.com", "me@example.dev", "soc@myexample.com"]}
    stack_config("dev", **own, webhookUrl="https://hooks.contoso.com/x")
    read_in(project, engine)


def test_a_rehearsal_takes_them(project: Path) -> None:
    stack_file(project, "  login-monitor:alertEmails: [soc@example.com]\n")
    settings_trial.judge(project, "dev", {})
    stack_file(project, "  login-monitor:alertEmails: [nobody]\n")
    with pytest.raises(RefusedError, match="nobody"):
        settings_trial.judge(project, "dev", {})


@pytest.mark.engine
def test_a_real_preview_refuses_them(project: Path, tmp_path: Path) -> None:
    if not is_installed():
        pytest.skip("the Pulumi CLI is not on PATH")
    stack_file(project, "  login-monitor:alertEmails:\n  - soc@contoso.com\n  - soc@example.com\n")
    (tmp_path / "state").mkdir()
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{ROOT}/.venv/bin:{Path(shutil.which('pulumi') or '').parent}:/usr/bin:/bin",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "for a test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }

    def pulumi_says(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            ["pulumi", *arguments, "--stack", "dev", "--non-interactive", "--color", "never"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout + done.stderr

    assert pulumi_says("stack", "init")[0] == 0
    code, said = pulumi_says("preview")
    assert code != 0
    assert "alertEmails[1] 'soc@example.com' is an address for documents" in said
    assert "(Pulumi.dev.yaml:4)" in said
    assert "Traceback" not in said
