"""How a verb ends that is refused something."""

import pytest
from typer.testing import CliRunner

from components.content import detection
from components.limits.refusal import NOWHERE, FailedError, Place, Refusal, RefusedError
from lab.__main__ import app
from lab.verbs import refusal


class TomorrowsError(RefusedError):
    """A class that nobody has told the command line of."""

    exit_code = 7


class TomorrowsFailureError(FailedError):
    """One that says nothing of its own of an exit code."""


REASON = Refusal(Place(file="x.yaml", line=4, key="limit"), "is missing", "expected a number")
TEXT = "limit is missing; expected a number (x.yaml:4)"


@pytest.mark.parametrize(
    ("kind", "code"),
    [(RefusedError, 2), (FailedError, 1), (TomorrowsError, 7), (TomorrowsFailureError, 1)],
)
def test_an_error_class_gets_its_exit_code_and_no_traceback_by_itself(
    kind: type[RefusedError], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise kind(REASON)

    monkeypatch.setattr(detection, "load_readable", refuse)
    outcome = CliRunner().invoke(app, ["list"])
    assert outcome.exit_code == code
    assert outcome.stderr.strip() == TEXT
    assert isinstance(outcome.exception, SystemExit), "nothing else reaches Python's own hook"


def test_an_error_of_our_own_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_arguments: object) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr(detection, "load_readable", break_down)
    outcome = CliRunner().invoke(app, ["list"])
    assert isinstance(outcome.exception, AssertionError)


def test_what_the_system_refuses_is_told_with_the_files_name() -> None:
    assert refusal.answer(FileNotFoundError(2, "No such file", "a.jsonl")) == (
        "a.jsonl: No such file",
        2,
    )
    assert refusal.answer(RefusedError(Refusal(NOWHERE, "so it is"))) == ("so it is", 2)
    assert refusal.answer(ValueError("a bug")) is None
