"""The coverage as a layer of ATT&CK Navigator."""

import json

import pytest

from components.content.attack_coverage import Coverage
from lab.exchange import navigator_layer

NONE: tuple[str, ...] = ()


def row(tested: bool, fired: bool, silent: bool) -> Coverage:
    def cell(holds: bool) -> tuple[str, ...]:
        return ("password_spray",) if holds else NONE

    return Coverage(
        "T1110.003", "Password Spraying", cell(True), cell(tested), cell(fired), cell(silent)
    )


@pytest.mark.parametrize(
    ("found", "score"),
    [
        (row(False, False, False), 25),
        (row(False, True, True), 25),
        (row(True, False, True), 50),
        (row(True, True, False), 75),
        (row(True, True, True), 100),
    ],
)
def test_a_score_says_how_far_the_proof_goes(found: Coverage, score: int) -> None:
    layer = json.loads(navigator_layer.text([found], "1"))
    (technique,) = layer["techniques"]
    assert technique["techniqueID"] == "T1110.003"
    assert technique["score"] == score
    assert "password_spray" in technique["comment"]


def test_two_halves_are_no_whole() -> None:
    """One detection fired, another is silent: nothing is proven of either."""
    found = Coverage("T1190", "n", ("a", "b"), ("a", "b"), ("a",), ("b",))
    assert navigator_layer.level(found) == "fired"


def test_the_layer_has_what_the_format_requires() -> None:
    layer = json.loads(navigator_layer.text([row(True, True, True)], "1"))
    assert layer["versions"]["layer"] == "4.5"
    assert layer["domain"] == "enterprise-attack"
    assert layer["gradient"]["minValue"] < layer["gradient"]["maxValue"]
    assert all(set(each) == {"name", "value"} for each in layer["techniques"][0]["metadata"])
