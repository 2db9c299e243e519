"""A row on its way into a log table: each value checked against the type of its column."""

import contextlib
import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from components.limits.refusal import Place, Refusal, RefusedError, nearest
from lab.clock import rfc3339

_INT: Final = 2**31
_LONG: Final = 2**63


def converted(table: str, columns: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as JSON for its table; nulls of string columns become '', as in Kusto.

    RefusedError names table and column of what the table cannot take.
    """
    ready: dict[str, Any] = {}
    for name, value in row.items():
        kind = columns.get(name)
        if kind is None:
            raise RefusedError(
                Refusal(Place(resource=table, key=name), "is not a column", nearest(name, columns))
            )
        if value is None:
            continue
        try:
            ready[name] = _CONVERTERS[kind](value)
        except (ValueError, TypeError, RecursionError) as error:
            where, expected = Place(resource=table, key=name), f"expected {_EXPECTED[kind]}"
            raise RefusedError(Refusal(where, "does not fit", expected, value)) from error
    if "TimeGenerated" not in ready:
        where = Place(resource=table, key="TimeGenerated")
        raise RefusedError(Refusal(where, "is missing", "expected the time of the event"))
    return ready


def _string(value: Any) -> str:
    text = value if isinstance(value, str) else _json(value)
    # A lone surrogate is no character, and the database would refuse the whole batch for it.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _whole(value: Any, limit: int) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("not a whole number")
    number = int(value)
    if not -limit <= number < limit:
        raise ValueError("out of range")
    return number


def _real(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError("not a number")
    return number


def _bool(value: Any) -> bool:
    known = {"true": True, "false": False, "1": True, "0": False}
    return known[str(value).lower()] if str(value).lower() in known else _refuse()


def _refuse() -> bool:
    raise ValueError("not a truth value")


def _datetime(value: Any) -> str:
    if not isinstance(value, datetime):
        if not isinstance(value, str):
            raise TypeError("not a datetime")
        value = rfc3339.parse(value)
    return rfc3339.naive_utc(value).isoformat()


def _dynamic(value: Any) -> Any:
    """Exports carry dynamic values as text: text that is a JSON object or array is one."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    return json.loads(_string(_json(value)))


_CONVERTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "string": _string,
    "int": lambda value: _whole(value, _INT),
    "long": lambda value: _whole(value, _LONG),
    "real": _real,
    "bool": _bool,
    "datetime": _datetime,
    "dynamic": _dynamic,
}

_EXPECTED: Final = {
    "string": "text",
    "int": "a whole number of 32 bits",
    "long": "a whole number of 64 bits",
    "real": "a number",
    "bool": "true or false",
    "datetime": "RFC 3339 such as 2026-01-05T08:30:00Z",
    "dynamic": "JSON",
}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
