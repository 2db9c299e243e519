"""The keys of a detection's head: which there are, what each takes, what is said otherwise."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from components.content.kql_file import KqlFile
from components.content.kql_function import TELLS
from components.limits.alert_rule import (
    AGGREGATIONS,
    DYNAMIC_OPERATORS,
    FREQUENCIES,
    OPERATORS,
    SENSITIVITIES,
    WINDOWS,
)
from components.limits.refusal import Place, Refusal

STATUSES = ("experimental", "stable")
DYNAMIC = "dynamic"
"""The threshold of a rule that Azure learns by itself."""


class HeadKey(NamedTuple):
    """What a key takes, in words and as a test; a key without `required` may be left out."""

    accepts: Callable[[object], bool]
    expectation: str
    required: bool = True

    def refusals(self, value: object, where: Place) -> list[Refusal]:
        """What is wrong with a value that stands there: one thing, or nothing."""
        if self.accepts(value):
            return []
        return [Refusal(where, "is not allowed", f"expected {self.expectation}", value)]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_whole(value: object, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _is_amount(value: object) -> bool:
    """What is counted and summed up is never below zero."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and value >= 0


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(each) for each in value)


def _is_measure(value: object) -> bool:
    if isinstance(value, dict):
        return (
            value.keys() == {"column", "aggregation"}
            and _is_text(value["column"])
            and value["aggregation"] in AGGREGATIONS[1:]
        )
    return value == "rows"


def _are_periods(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"min", "of"}
        and all(_is_whole(each, 1, 6) for each in value.values())
    )


def _one_of(*words: str) -> HeadKey:
    return HeadKey(lambda value: value in words, f"one of {', '.join(words)}")


_TEXT = HeadKey(_is_text, "a text")
_SOME = HeadKey(lambda value: _is_list(value) and bool(value), "a list with at least one entry")
_ANY = HeadKey(_is_list, "a list of texts, [] for none")

HEAD_KEYS: dict[str, HeadKey] = {
    "name": _TEXT,
    "description": _TEXT,
    "severity": HeadKey(lambda value: _is_whole(value, 0, 4), "0 (critical) to 4 (verbose)"),
    "status": _one_of(*STATUSES),
    "essential": HeadKey(lambda value: isinstance(value, bool), "true or false", required=False),
    "frequency": _one_of(*FREQUENCIES),
    "window": _one_of(*WINDOWS),
    "measure": HeadKey(
        _is_measure,
        "rows, or {column: <name>, aggregation: Total|Average|Minimum|Maximum}",
    ),
    # Equal is left out: no threshold with a boundary.
    "operator": _one_of(*dict.fromkeys([*OPERATORS[:4], *DYNAMIC_OPERATORS])),
    "threshold": HeadKey(
        lambda value: _is_amount(value) or value == DYNAMIC, f"a number from 0 on, or {DYNAMIC}"
    ),
    "sensitivity": HeadKey(
        lambda value: value in SENSITIVITIES,
        f"one of {', '.join(SENSITIVITIES)} with threshold: {DYNAMIC}",
        required=False,
    ),
    "dimensions": _ANY,
    "failing_periods": HeadKey(_are_periods, "{min: 1-6, of: 1-6}", required=False),
    "tables": _SOME,
    "needs": HeadKey(
        lambda value: _is_list(value) and set(value) <= set(TELLS),  # type: ignore[call-overload]
        f"a list of what login events must tell: {', '.join(TELLS)}",
        required=False,
    ),
    "attack": _SOME,
    "confidence": HeadKey(lambda value: _is_whole(value, 0, 3), "0 (a hint) to 3 (sure)"),
    "false_positives": _ANY,
    "blind_spots": _SOME,
    "response": _TEXT,
}


def refusals(file: KqlFile) -> list[Refusal]:
    """Every unknown, missing or wrong key of a head."""
    found = file.unknown_keys(HEAD_KEYS)
    for key, rule in HEAD_KEYS.items():
        if key in file.head:
            found += rule.refusals(file.head[key], file.where(key))
        elif rule.required:
            found.append(Refusal(file.where(key), "is missing", f"expected {rule.expectation}"))
    return found + _mixtures(file)


def _mixtures(file: KqlFile) -> list[Refusal]:
    """A sensitivity and a dynamic threshold belong together."""
    is_dynamic, sensitivity = file.head.get("threshold") == DYNAMIC, file.head.get("sensitivity")
    if is_dynamic and sensitivity is None:
        expected = f"expected {HEAD_KEYS['sensitivity'].expectation}"
        where = replace(file.where("threshold"), key="sensitivity")
        return [Refusal(where, "is missing", expected)]
    if not is_dynamic and sensitivity is not None:
        expected = f"expected threshold: {DYNAMIC}"
        return [Refusal(file.where("sensitivity"), "has no use", expected, sensitivity)]
    return []
