"""A Sentinel analytics rule as a YAML file: its keys, each with its line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from components.content import yaml_file
from components.content.yaml_file import Yaml
from components.limits.alert_rule import duration
from components.limits.refusal import Place, Refusal, RefusedError

_TIMESPAN: Final = re.compile(r"(\d+)\s*(d|h|m)")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


@dataclass(frozen=True)
class SentinelFile:
    """What the file says, and in which line the text of its query begins."""

    path: Path
    rule: dict[str, Any]
    source: Yaml
    query_line: int

    def where(self, *keys: str) -> Place:
        """The place of a key, or of the file's first line."""
        return self.source.where(*keys)

    def query(self) -> str:
        """The query without the blank lines around it."""
        return str(self.rule["query"]).strip("\n").rstrip()

    def in_query(self, line: int | None) -> Place:
        """The place of a line of the query, counted from 1."""
        return Place(self.source.file, self.query_line + (line or 1) - 1)


def read(path: Path) -> SentinelFile:
    """The file; RefusedError when it is no YAML or no rule."""
    source = yaml_file.read(path, "expected an analytics rule")
    rule = source.value
    if not isinstance(rule, dict):
        expected = "expected an analytics rule's keys"
        raise RefusedError(Refusal(Place(source.file, 1), "the file is not a mapping", expected))
    query = rule.get("query")
    if not isinstance(query, str) or not query.strip():
        raise RefusedError(Refusal(source.where("query"), "is missing", "expected KQL"))
    text = path.read_text(encoding="utf-8-sig")
    return SentinelFile(
        path, rule, source, _first_line(text, source.where("query").line or 1, query)
    )


def span(given: object) -> timedelta | None:
    """5m, 1h, 7d, or an ISO 8601 duration; None when it is neither."""
    text = str(given).strip()
    if found := _TIMESPAN.fullmatch(text):
        return timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        return duration(text)
    except ValueError:
        return None


def at_least(wanted: timedelta, allowed: Iterable[str]) -> str | None:
    """The shortest of the allowed durations that is not shorter; None when all are."""
    fitting = [each for each in allowed if duration(each) >= wanted]
    return min(fitting, key=duration) if fitting else None


def at_most(wanted: timedelta, allowed: Iterable[str]) -> str | None:
    """The longest of the allowed durations that is not longer; None when all are."""
    fitting = [each for each in allowed if duration(each) <= wanted]
    return max(fitting, key=duration) if fitting else None


def _first_line(text: str, key_line: int, query: str) -> int:
    """A block begins below its key, and its blank lines at the top are not part of the query."""
    first = query.strip("\n").splitlines()[0].strip()
    rows = text.splitlines()
    below = (n for n in range(key_line - 1, len(rows)) if first and rows[n].strip().endswith(first))
    return next(below, key_line) + 1
