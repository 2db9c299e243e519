"""`python -m lab cost`: its forms, and what bad input gets."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lab.__main__ import app
from lab.cost import log_volume

Cost = Callable[..., Result]


@pytest.fixture
def cost(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cost:
    """Runs the command; no earlier rehearsal of this machine is looked at."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    monkeypatch.setenv("LOGIN_MONITOR_LAB", str(tmp_path / "lab"))

    def run(*arguments: str) -> Result:
        found = CliRunner().invoke(app, ["cost", *arguments])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exc_info
        return found

    return run


def words(found: Result) -> str:
    return " ".join(found.output.split())


def report(folder: Path, bytes_a_request: float) -> Path:
    volume = log_volume.LogVolume(bytes_a_request, 600, 5, 6, "measured for this test")
    folder.mkdir(parents=True, exist_ok=True)
    content = {"cost": {"log_volume": volume.as_json()}}
    (folder / "report.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_table_names_resources_total_and_suggestions(cost: Cost) -> None:
    found = cost("-s", "dev")
    assert found.exit_code == 0
    text = words(found)
    for part in (
        "A month of stack dev, USD",
        "App Service plan B1",
        "total",
        "Tighter",
        "free grant",
    ):
        assert part in text
    assert max(map(len, found.output.splitlines())) <= 80


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_stack_has_a_bill_with_nothing_unpriced(cost: Cost, stack: str) -> None:
    found = json.loads(cost("-s", stack, "--json").output)
    assert found["stack"] == stack
    assert found["unpriced"] == []
    assert found["monthly"] > 10


def test_more_users_cost_more_and_only_in_logs(cost: Cost) -> None:
    few = json.loads(cost("--json").output)
    many = json.loads(cost("--json", "--users", "2000000").output)
    assert many["usage"]["users"] == 2_000_000
    changed = {
        one["item"]
        for one, other in zip(few["lines"], many["lines"], strict=True)
        if one["monthly"] != other["monthly"]
    }
    assert changed == {"logs of the app"}


def test_the_markdown_is_for_a_pull_request(cost: Cost) -> None:
    text = cost("--markdown").output
    assert text.startswith("**A month of stack `dev`: ")
    assert "<details><summary>How to make it about half</summary>" in text


def test_the_bytes_are_those_of_the_report_that_is_named(cost: Cost, tmp_path: Path) -> None:
    folder = report(tmp_path / "rehearsed", 123_456)
    found = json.loads(cost("--json", "--report", str(folder)).output)
    assert found["log_volume"]["bytes_a_request"] == 123_456


def test_the_last_rehearsal_counts_when_no_report_is_named(cost: Cost, tmp_path: Path) -> None:
    assert json.loads(cost("--json").output)["log_volume"] == log_volume.shipped().as_json()
    folder = report(tmp_path / "lab" / "report", 321)
    assert json.loads(cost("--json").output)["log_volume"]["bytes_a_request"] == 321
    (folder / "report.json").write_text('{"version": 1}', encoding="utf-8")
    assert json.loads(cost("--json").output)["log_volume"] == log_volume.shipped().as_json()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-s", "nope"), "stack 'nope' is unknown"),
        (("--report", "/nowhere/at/all"), "does not exist; expected the report of a rehearsal"),
        (("--users", "0"), "--users 0 is out of range; expected 1 to 100,000,000"),
        (("--users", "many"), "Invalid value for '--users'"),
        (("--json", "--markdown"), "--json and --markdown"),
    ],
)
def test_bad_input_is_a_message_and_exit_code_2(
    cost: Cost, arguments: tuple[str, ...], said: str
) -> None:
    found = cost(*arguments)
    assert found.exit_code == 2
    assert said in words(found)
