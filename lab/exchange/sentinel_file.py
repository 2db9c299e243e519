"""A Sentinel analytics rule as a YAML file: its keys, each with its line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from components.limits.alert_rule import duration
from components.limits.refusal import shown

_TIMESPAN: Final = re.compile(r"(\d+)\s*(d|h|m)")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}


class SentinelError(ValueError):
    """A rule that cannot become a detection; one line a problem, with file and line."""


@dataclass(frozen=True)
class SentinelFile:
    """What the file says; `lines` maps each key to its line, `query` to the query's first line."""

    path: Path
    rule: dict[str, Any]
    lines: dict[str, int]
    query_line: int

    def where(self, key: str = "") -> str:
        """`file:line` of a key, or of the file's first line."""
        return f"{shown(self.path)}:{self.lines.get(key, 1)}"

    def query(self) -> str:
        """The query without the blank lines around it."""
        return str(self.rule["query"]).strip("\n").rstrip()

    def in_query(self, line: int | None) -> str:
        """`file:line` of a line of the query, counted from 1."""
        return f"{shown(self.path)}:{self.query_line + (line or 1) - 1}"


def read(path: Path) -> SentinelFile:
    """The file; SentinelError when it is no YAML or no rule."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SentinelError(f"the file is not UTF-8; expected YAML ({shown(path)}:1)") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        rule = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise SentinelError(
            f"the file is not YAML: {problem}; expected an analytics rule ({shown(path)}:{line})"
        ) from error
    if not isinstance(rule, dict) or not isinstance(node, yaml.MappingNode):
        raise SentinelError(
            f"the file is no mapping; expected an analytics rule's keys ({shown(path)}:1)"
        )
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in node.value}
    query = rule.get("query")
    if not isinstance(query, str) or not query.strip():
        raise SentinelError(
            f"query is missing; expected KQL ({shown(path)}:{lines.get('query', 1)})"
        )
    return SentinelFile(path, rule, lines, _first_line(text, lines["query"], query))


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
