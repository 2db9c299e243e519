"""Differences that mean nothing: data, with a reason for each."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.content import yaml_file
from components.limits.refusal import Refusal, RefusedError

FILE: Final = Path(__file__).with_name("known_diffs.yaml")
_KEYS: Final = ("type", "path", "reason", "source")


@dataclass(frozen=True)
class KnownDiff:
    """One property of one type that Azure gives back otherwise than it got it."""

    type: str
    path: str
    reason: str
    source: str

    def covers(self, type_: str, path: str) -> bool:
        """`[*]` is any number, `.*` any one name."""
        return type_ == self.type and _pattern(self.path).fullmatch(path) is not None


@functools.cache
def load(file: Path = FILE) -> Sequence[KnownDiff]:
    """The list; RefusedError names what is wrong with an entry."""
    try:
        text = yaml_file.read(file)
    except FileNotFoundError as error:
        raise RefusedError.of(f"{file.name} does not exist", "expected YAML") from error
    entries = [] if text.value is None else text.value
    if not isinstance(entries, list):
        raise RefusedError(Refusal(text.where(), "the file is not a list", "expected entries"))
    refusals: list[Refusal] = []
    for number, entry in enumerate(entries):
        given = entry if isinstance(entry, dict) else {}
        wrong = sorted(set(_KEYS) ^ set(given)) or [key for key in _KEYS if not given[key]]
        if wrong:
            where, expected = text.where(number, wrong[0]), f"expected {', '.join(_KEYS)}"
            refusals.append(Refusal(where, "is missing, empty or unknown", expected))
    if refusals:
        raise RefusedError(*refusals)
    return [KnownDiff(**{key: str(entry[key]).strip() for key in _KEYS}) for entry in entries]


@functools.cache
def _pattern(path: str) -> re.Pattern[str]:
    text = re.escape(path).replace(r"\[\*\]", r"\[\d+\]").replace(r"\.\*", r"\.\w+")
    return re.compile(text)
