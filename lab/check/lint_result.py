"""Lint of what a detection's query gives: the columns that the head speaks of, and how many alerts
they can make."""

import re
from collections.abc import Collection, Iterator
from typing import Final

from components.limits.alert_rule import STATEFUL_CAP
from components.limits.refusal import nearest
from lab.check.execution import Outcome
from lab.check.finding import Finding
from lab.check.query import Query
from lab.kusto.column_type import is_measurable, is_splittable

_TYPED: Final = (
    *("TargetUsername", "UserAgent", "HttpUserAgent", "CsUriStem", "CsUriQuery", "Referer"),
    *("Cookie", "CsHost", "CsUsername", "ResultDescription"),
)
"""Columns that hold whatever a visitor sent."""
_CHOSEN: Final = (*_TYPED, "SrcIpAddr", "CIp", "SrcPortNumber")
"""Columns of which an attacker can have many values; an address costs little."""
_CUT: Final = r"AccountKey|substring|hash\w*|bin|case|iff|extract|countof|strlen|parse_\w+|split"
_CAP: Final = STATEFUL_CAP
_WRAPPED: Final = re.compile(r"(?:(?:tostring|strcat|url_decode|tolower)\s*\(\s*)*(\w+)\b(?!\s*\()")
"""A value as it is, however its text was put together."""
_MOST_NAMES: Final = 5
"""One after the other, for one value."""


def check(query: Query, outcome: Outcome | None) -> list[Finding]:
    """What is wrong with the result; without one, what the text alone shows."""
    found = [*_unbounded(query), *_too_many(query)]
    if outcome is not None and outcome.shape:
        found += [*_unlike_tables(query, outcome), *_not_in_result(query, outcome)]
    return found


def _unlike_tables(query: Query, outcome: Outcome) -> Iterator[Finding]:
    named = set(query.texts("tables"))
    reads = ", ".join(sorted(outcome.tables)) or "no table"
    for table in sorted(named - outcome.tables):
        what = f"the head names {table}, which the query does not read"
        yield query.at_head("tables", "tables-unlike-query", what, f"expected {reads}")
    for table in sorted(outcome.tables - named):
        what = f"the query reads {table}, which the head does not name"
        yield query.at_head("tables", "tables-unlike-query", what, f"expected {reads}")


def _not_in_result(query: Query, outcome: Outcome) -> Iterator[Finding]:
    for name in query.texts("dimensions"):
        if name not in outcome.shape:
            what = f"dimension {name!r} is no column of the result"
            instead = nearest(name, outcome.shape)
            yield query.at_head("dimensions", "dimension-not-in-result", what, instead)
        elif not is_splittable(outcome.shape[name]):
            what = f"dimension {name!r} is neither a text nor a number"
            instead = f"expected a text, as in extend {name} = tostring({name})"
            yield query.at_head("dimensions", "dimension-not-in-result", what, instead)
    column = query.measured
    if column is None:
        return
    numbers = [name for name, kind in outcome.shape.items() if is_measurable(kind)]
    if column not in numbers:
        state = "is no number" if column in outcome.shape else "is no column of the result"
        what = f"measure {column!r} {state}"
        instead = nearest(column, numbers) if numbers else "expected a number in the result"
        yield query.at_head("measure", "measure-not-in-result", what, instead)


def _origin(query: Query, name: str, columns: Collection[str]) -> str:
    """The column of a table that a dimension is, under its own or another name; "" for none.

    Only `extend` gives another name here: what is grouped by is a name of the query's own choice.
    """
    for _ in range(_MOST_NAMES):
        if name in columns:
            return name
        given = re.search(
            rf"\|\s*extend\b[^|;]*?(?<![\w.]){name}\s*=\s*([^=~|;][^|;]*)", query.code
        )
        value = _WRAPPED.match(given[1]) if given else None
        if value is None:
            return ""
        name = str(value[1])
    return ""


def _unbounded(query: Query) -> Iterator[Finding]:
    for name in query.texts("dimensions"):
        is_cut = re.search(rf"\b({_CUT})\s*\((?:[^()|]*[\s(,])?{name}\b", query.whole_code)
        if _origin(query, name, _TYPED) and not is_cut:
            better = "AccountKey" if name == "TargetUsername" else "substring"
            instead = f"expected a cut value, as in extend {name} = " + (
                f"{better}({name})" if better == "AccountKey" else f"{better}({name}, 0, 100)"
            )
            what = f"dimension {name} is a text of any length"
            yield query.at_head("dimensions", "unbounded-dimension", what, instead)


def _too_many(query: Query) -> Iterator[Finding]:
    chosen = [name for name in query.texts("dimensions") if _origin(query, name, _CHOSEN)]
    if not chosen or not _one_row_fires(query) or _has_floor(query):
        return
    yield query.at_head(
        "dimensions",
        "too-many-alerts",
        f"one row for each {' and '.join(chosen)} is enough for an alert, and Azure makes at most"
        f" {_CAP} per evaluation",
        "expected a higher threshold, a floor such as `| where Hits >= 5`, or the values in a"
        " make_set() instead of a dimension",
    )


def _one_row_fires(query: Query) -> bool:
    threshold, operator = query.head.get("threshold"), query.text("operator")
    if not isinstance(threshold, (int, float)):
        return False
    if operator == "GreaterThanOrEqual":
        return threshold <= 1
    return operator.startswith("LessThan") or threshold < 1


def _has_floor(query: Query) -> bool:
    """Whether a count is compared after it was summed up, with more than nothing or one."""
    _, _, after = query.code.partition("| summarize")
    floor = re.search(r"\|\s*where\b[^|;]*?\b\w+\s*(>=?)\s*([A-Za-z_]\w*|\d+)", after)
    if floor is None:
        return False
    least = int(floor[2]) if floor[2].isdigit() else 2
    return least > (1 if floor[1] == ">=" else 0)
