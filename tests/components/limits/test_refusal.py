"""The one shape of a refusal: its text, its place, and the exit code of its error."""

import pickle
from pathlib import Path

import pytest

from components.content.places import ROOT
from components.limits.refusal import (
    ABSENT,
    NOWHERE,
    FailedError,
    Place,
    Refusal,
    RefusedError,
    nearest,
    shown,
)

HEAD = Place(file="kql/detections/x.kql", line=3, key="severity")


@pytest.mark.parametrize(
    ("refusal", "text"),
    [
        (
            Refusal(HEAD, "is not allowed", "expected 0 to 4", 7),
            "severity 7 is not allowed; expected 0 to 4 (kql/detections/x.kql:3)",
        ),
        (
            Refusal(HEAD, "is missing", "expected 0 to 4"),
            "severity is missing; expected 0 to 4 (kql/detections/x.kql:3)",
        ),
        (
            Refusal(Place(file="x.yaml"), "the file is not YAML", "expected keys"),
            "the file is not YAML; expected keys (x.yaml)",
        ),
        (
            Refusal(
                Place(resource="web:WebApp login", property="siteConfig.alwaysOn"),
                "is not accepted",
                "expected false",
                True,
            ),
            "web:WebApp login: siteConfig.alwaysOn True is not accepted; expected false",
        ),
        (Refusal(NOWHERE, "the lab is closing"), "the lab is closing"),
        (
            Refusal(Place(key="threshold"), "is not allowed", value=20.0),
            "threshold 20 is not allowed",
        ),
    ],
)
def test_the_text_has_what_is_wrong_then_what_is_expected_then_where(
    refusal: Refusal, text: str
) -> None:
    assert str(refusal) == text


def test_a_long_value_is_cut() -> None:
    text = str(Refusal(Place(key="about"), "is not allowed", value="x" * 500))
    assert len(text) < 120
    assert "x…" in text


def test_a_hidden_value_is_in_no_text() -> None:
    hidden = Refusal(Place(key="webhookUrl"), "is not allowed", value="hunter2").hidden()
    assert str(hidden) == "webhookUrl [secret] is not allowed"
    assert "hunter2" not in repr(hidden)


def test_what_is_missing_stays_missing_when_it_is_hidden() -> None:
    missing = Refusal(Place(key="webhookUrl"), "is missing")
    assert missing.hidden().value is ABSENT


@pytest.mark.parametrize(
    ("key", "below"), [("cpu.severity", "alerts.cpu.severity"), ("[0].end", "alerts[0].end")]
)
def test_a_key_can_be_said_to_lie_below_another(key: str, below: str) -> None:
    assert Refusal(Place(key=key), "is missing").below("alerts").where.key == below


def test_an_error_tells_every_refusal_on_a_line_of_its_own() -> None:
    error = RefusedError(Refusal(HEAD, "is missing"), Refusal(NOWHERE, "the query is empty"))
    assert str(error).splitlines() == [str(each) for each in error.refusals]


def test_an_error_crosses_from_one_process_to_another() -> None:
    error = pickle.loads(pickle.dumps(FailedError(Refusal(HEAD, "is missing"))))  # noqa: S301
    assert str(error) == "severity is missing (kql/detections/x.kql:3)"
    assert error.exit_code == 1


def test_the_exit_code_is_the_class_own_and_inherited() -> None:
    class LaterError(FailedError):
        """Somebody adds it tomorrow."""

    assert (RefusedError.exit_code, FailedError.exit_code, LaterError.exit_code) == (2, 1, 1)


def test_a_word_that_is_nearly_known_is_offered() -> None:
    assert nearest("Severty", ["severity", "status"]) == "did you mean 'severity'?"
    assert nearest("x", ["b", "a"]) == "expected one of a, b"


def test_a_path_is_shown_from_the_projects_root(tmp_path: Path) -> None:
    assert shown(ROOT / "kql" / "README.md") == "kql/README.md"
    assert shown(tmp_path) == str(tmp_path)
