"""Functions of workflow expressions that depend on nothing but their arguments.

"Reference guide to workflow expression functions" (learn.microsoft.com); the subset that the
stand-in knows.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote


class ExpressionError(Exception):
    """An expression that cannot be read or worked out."""


def instant(moment: datetime) -> str:
    """As `utcNow` says it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")


def _all(*values: Any) -> bool:
    return all([_truth(each) for each in values])


def _any(*values: Any) -> bool:
    return any([_truth(each) for each in values])


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _equals(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _compared(one: Any, other: Any) -> int:
    """Two numbers, or two texts by their characters."""
    if (
        isinstance(one, bool)
        or isinstance(other, bool)
        or isinstance(one, str) != isinstance(other, str)
    ):
        raise TypeError(f"{one!r} and {other!r} cannot be compared")
    return int(one > other) - int(one < other)


def _coalesce(*values: Any) -> Any:
    return next((each for each in values if each is not None), None)


def _contains(collection: Any, value: Any) -> bool:
    if not isinstance(collection, str | list | Mapping):
        raise TypeError(f"{collection!r} is no text, list or object")
    return value in collection


def _first(collection: Any) -> Any:
    if not isinstance(collection, str | list):
        raise TypeError(f"{collection!r} is no text or list")
    return collection[0] if collection else None


def _length(collection: Any) -> int:
    if not isinstance(collection, str | list):
        raise TypeError(f"{collection!r} is no text or list")
    return len(collection)


def _int(value: Any) -> int:
    if not _is_int(str(value)):
        raise ValueError(f"{value!r} is no whole number")
    return int(value)


def _is_int(value: str) -> bool:
    return re.fullmatch(r"[+-]?[0-9]+", value) is not None


def _union(*lists: list[Any]) -> list[Any]:
    found: list[Any] = []
    for each in lists:
        found += [item for item in each if item not in found]
    return found


_PARTS: Final = (
    ("yyyy", "%Y"),
    ("MM", "%m"),
    ("dd", "%d"),
    ("HH", "%H"),
    ("mm", "%M"),
    ("ss", "%S"),
)


def _format_date_time(stamp: str, form: str) -> str:
    for part, directive in _PARTS:
        form = form.replace(part, directive)
    return _moment(stamp).strftime(form)


def _add_minutes(stamp: str, minutes: float) -> str:
    return instant(_moment(stamp) + timedelta(minutes=minutes))


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d*", r"\1", stamp).replace("Z", "+00:00"))


FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda one, other: one + other,
    "addMinutes": _add_minutes,
    "and": _all,
    "coalesce": _coalesce,
    "concat": lambda *texts: "".join(texts),
    "contains": _contains,
    "createArray": lambda *items: list(items),
    "decodeUriComponent": unquote,
    "equals": _equals,
    "first": _first,
    "formatDateTime": _format_date_time,
    "greater": lambda one, other: _compared(one, other) > 0,
    "greaterOrEquals": lambda one, other: _compared(one, other) >= 0,
    "int": _int,
    "isInt": _is_int,
    "join": lambda items, between: between.join(items),
    "json": json.loads,
    "length": _length,
    "less": lambda one, other: _compared(one, other) < 0,
    "lessOrEquals": lambda one, other: _compared(one, other) <= 0,
    "mul": lambda one, other: one * other,
    "not": lambda value: not _truth(value),
    "or": _any,
    "replace": lambda text, old, new: text.replace(old, new),
    "split": lambda text, between: text.split(between),
    # "This function isn't case-sensitive."
    "startsWith": lambda text, start: text.casefold().startswith(start.casefold()),
    "union": _union,
}
