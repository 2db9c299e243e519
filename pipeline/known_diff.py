"""Differences that mean nothing: data, with a reason for each."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from pipeline.input_error import InputError

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
    """The list; InputError names what is wrong with an entry."""
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"{file.name} cannot be read; expected YAML: {error}") from error
    for number, entry in enumerate(entries, start=1):
        given = entry if isinstance(entry, dict) else {}
        wrong = sorted(set(_KEYS) ^ set(given)) or [key for key in _KEYS if not given[key]]
        if wrong:
            raise InputError(
                f"entry {number} has a wrong {wrong[0]}; expected {', '.join(_KEYS)} ({file.name})"
            )
    return [KnownDiff(**{key: str(entry[key]).strip() for key in _KEYS}) for entry in entries]


@functools.cache
def _pattern(path: str) -> re.Pattern[str]:
    text = re.escape(path).replace(r"\[\*\]", r"\[\d+\]").replace(r"\.\*", r"\.\w+")
    return re.compile(text)
