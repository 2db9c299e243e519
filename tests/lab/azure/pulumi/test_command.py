"""Commands of the stack, really run."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.pulumi.command import Command
from lab.clock.clock import Clock
from tests.lab.host.test_process_group import alive
from tests.support.demo_site import START, RecordingAzure

TOKEN = "command:local:Command"


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[RecordingAzure]:
    with RecordingAzure(Clock(START), state_dir=tmp_path / "state") as running:
        yield running


def create(azure: RecordingAzure, **inputs: Any) -> Mapping[str, Any]:
    return azure.resources.create(TOKEN, "step", inputs).outputs


def test_what_a_command_says_are_its_outputs(azure: RecordingAzure) -> None:
    outputs = create(azure, create="echo one; echo two; echo; echo but >&2")
    assert (outputs["stdout"], outputs["stderr"]) == ("one\ntwo\n", "but")


def test_interpreter_folder_and_stdin_are_used(azure: RecordingAzure, tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), sys.stdin.read())"
    outputs = create(
        azure, create=code, interpreter=["python3", "-c"], dir=str(tmp_path), stdin="hello"
    )
    assert outputs["stdout"] == f"{tmp_path} hello"


def test_the_environment_leads_to_the_lab_and_away_from_the_real_cloud(
    azure: RecordingAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "genuine")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "genuine")
    monkeypatch.setenv("https_proxy", "http://genuine.example.com")
    monkeypatch.setenv("PLAIN", "inherited")
    said = str(create(azure, create="env", environment={"MINE": "given"})["stdout"])
    told = dict(line.partition("=")[::2] for line in said.splitlines())
    assert (told["PLAIN"], told["MINE"]) == ("inherited", "given")
    assert told["https_proxy"] == told["HTTPS_PROXY"]
    assert told["https_proxy"].startswith("http://127.0.0.1:")
    assert told["IDENTITY_ENDPOINT"].startswith("http://127.0.0.1:")
    assert [name for name, value in told.items() if "genuine" in value] == []


def test_a_failure_is_told_with_the_last_words(azure: RecordingAzure) -> None:
    with pytest.raises(ResourceError) as failure:
        create(azure, create="echo progress; seq 1 20 >&2; echo broken >&2; exit 3")
    lines = str(failure.value).splitlines()
    assert lines[0] == (
        "command:Command step: create ended with exit code 3; "
        "exit code 0 is expected; it said last:"
    )
    assert lines[1:] == [f"  {number}" for number in range(10, 21)] + ["  broken"]
    assert azure.resources.list(TOKEN) == []


def test_a_failure_shows_no_secret(azure: RecordingAzure) -> None:
    inputs = {"create": "echo key is $KEY >&2; exit 1", "environment": {"KEY": "hunter2hunter2"}}
    with pytest.raises(ResourceError) as failure:
        azure.resources.create(TOKEN, "step", inputs, secrets=["environment"])
    assert "key is [secret]" in str(failure.value)
    assert "hunter2" not in str(failure.value)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"create": "true", "dir": "/not/there"}, "dir '/not/there' is not there"),
        ({"create": "true", "interpreter": ["no-such-shell"]}, "interpreter .* No such file"),
        ({"create": "true", "assetPaths": ["*.txt"]}, "assetPaths .* collects no files"),
    ],
)
def test_what_cannot_run_is_refused(
    azure: RecordingAzure, inputs: dict[str, Any], words: str
) -> None:
    with pytest.raises(ResourceError, match=words):
        azure.resources.create(TOKEN, "step", inputs)


def step(**inputs: Any) -> Resource:
    return Resource(TOKEN, "step", "", "step", "step", inputs, dict(inputs))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "made from white"),
        ({"update": "echo now $PULUMI_COMMAND_STDOUT"}, "now made from white"),
        ({"triggers": [2], "environment": {"COLOUR": "green"}}, "made from green"),
    ],
)
def test_a_change_runs_update_or_else_create(
    azure: RecordingAzure, changes: dict[str, Any], said: str
) -> None:
    command = Command(azure)
    made = step(create="echo made from $COLOUR", environment={"COLOUR": "white"})
    command.create(made)
    made.inputs |= changes
    command.update(made)
    assert made.outputs["stdout"] == said


def test_deleting_runs_the_last_command(azure: RecordingAzure, tmp_path: Path) -> None:
    marker = tmp_path / "gone"
    command = Command(azure)
    made = step(create="echo made", delete=f"echo $PULUMI_COMMAND_STDOUT > {marker}")
    command.create(made)
    assert not marker.exists()
    command.delete(made)
    assert marker.read_text() == "made\n"


def test_the_output_before_can_be_kept_out_of_the_environment(azure: RecordingAzure) -> None:
    command = Command(azure)
    made = step(create="echo made of [$PULUMI_COMMAND_STDOUT]", addPreviousOutputInEnv=False)
    command.create(made)
    command.update(made)
    assert made.outputs["stdout"] == "made of []"


def test_a_lab_that_runs_no_apps_says_that_it_did_not_run(tmp_path: Path) -> None:
    options = {"state_dir": tmp_path / "state", "run_apps": False}
    with RecordingAzure(Clock(START), **options) as azure:
        outputs = create(azure, create=f"touch {tmp_path / 'ran'}")
    assert outputs["stderr"].startswith("not run: ")
    assert not (tmp_path / "ran").exists()


def test_a_running_command_ends_with_the_lab(azure: RecordingAzure, tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    endless = step(create=f"echo $$ > {marker}; sleep 99")
    failures: list[str] = []

    def run() -> None:
        try:
            Command(azure).create(endless)
        except ResourceError as error:
            failures.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    while not (marker.exists() and marker.read_text()):
        thread.join(0.01)
    azure.stop()
    thread.join(10)
    assert alive(int(marker.read_text())) == []
    assert "create ended with exit code -15" in failures[0]
