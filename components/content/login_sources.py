"""The sources of login events: which of them a stack reads, and what `LoginEvents` is then. Pure.

Each function of `kql/functions/` with a `source` in its head makes login events of one log; the
form of their rows is in docs/sources.md. `LoginEvents` itself is the source `json`, the lines that
the project's own apps write. A stack that reads other sources, or several, gets under that name the
union of their functions, so that no query has to know.

A rule reads those sources only that tell what it needs. An event that leaves out the user agent,
read by a rule on user agents, would otherwise be taken for one that was sent without any.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from components.content import kql_function
from components.content.kql_function import KqlFunction
from components.limits.kql_text import tokens
from components.limits.refusal import Place, Refusal, RefusedError, nearest

EVENTS: Final = "LoginEvents"
"""What every query calls the login events."""
OWN: Final = "json"
"""The source that LoginEvents.kql is."""
DEFAULT: Final = (OWN,)
FALLBACK: Final = "http_status"
"""The source that guesses from the answers of an app: beside events of the app it counts twice."""

COLUMNS: Final = {
    "TimeGenerated": "datetime",
    "EventType": "string",
    "IsTry": "bool",
    "EventResult": "string",
    "EventResultDetails": "string",
    "EventOriginalResultDetails": "string",
    "EventCount": "long",
    "TargetUsername": "string",
    "SrcIpAddr": "string",
    "SrcPortNumber": "int",
    "HttpUserAgent": "string",
    "LogonMethod": "string",
    "TargetSessionId": "string",
    "SameWrongPassword": "bool",
    "PasswordKnownLeaked": "bool",
    "FamiliarPlace": "bool",
    "TargetAppName": "string",
    "EventOriginalUid": "string",
    "_ResourceId": "string",
}
"""The columns of LoginEvents and their KQL types; a source may leave out what it cannot tell."""

_OWN_BESIDE_OTHERS: Final = "JsonLogins"
_FILLED: Final = """| extend
    EventType = iff(isempty(EventType), "Logon", EventType),
    EventCount = coalesce(EventCount, 1)
| extend IsTry = coalesce(IsTry, EventType == "Logon")"""
"""What a source need not say: that a sign-in was tried, and once."""


@dataclass(frozen=True)
class Lack:
    """A detection that no source of a stack can feed, and what of its needs none of them tells."""

    slug: str
    needs: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def reason(self) -> str:
        """`needs account and address, which easy_auth cannot tell`."""
        needs = " and ".join(each.replace("_", " ") for each in self.needs)
        return f"needs {needs}, which {' and '.join(self.sources)} cannot tell"

    def __str__(self) -> str:
        return f"{self.slug} {self.reason}"


def in_one_sentence(lacks: Sequence[Lack]) -> str:
    """All that are left out of a stack, by name."""
    sources = " and ".join(lacks[0].sources)
    slugs = ", ".join(f"{each.slug} ({', '.join(each.needs)})" for each in lacks)
    return f"login_sources: {sources} cannot tell what these need, so they are left out: {slugs}"


def known(functions: Mapping[str, KqlFunction] | None = None) -> dict[str, KqlFunction]:
    """The functions that are sources, by what a stack calls them."""
    found = kql_function.load_all() if functions is None else functions
    own = [each for each in found.values() if each.source == OWN]
    others = [each for each in found.values() if each.source and each.source != OWN]
    return {each.source: each for each in (*own, *others)}


def refuse_unknown(sources: Iterable[str], key: str = "login_sources") -> None:
    """RefusedError where a source is none, or where there is none at all."""
    offered, asked = known(), list(sources)
    unknown = [each for each in asked if each not in offered]
    if unknown:
        raise RefusedError(
            *(
                Refusal(Place(key=key), f"{each!r} is unknown", nearest(each, offered))
                for each in unknown
            )
        )
    if not asked:
        expected = f"expected some of {', '.join(offered)}"
        raise RefusedError(Refusal(Place(key=key), "names no source", expected))


def lack(
    slug: str,
    sources: Sequence[str],
    needs: Sequence[str],
    functions: Mapping[str, KqlFunction],
) -> Lack | None:
    """Why a detection would see no login event; None where one of the sources can feed it."""
    if able(sources, needs, functions):
        return None
    offered = known(functions)
    told = {each for source in sources for each in offered[source].tells}
    # Where each tells a part, no event has all of it.
    missing = tuple(each for each in needs if each not in told) or tuple(needs)
    return Lack(slug, missing, tuple(sources))


def able(
    sources: Sequence[str], needs: Collection[str], functions: Mapping[str, KqlFunction]
) -> tuple[str, ...]:
    """Those of the sources that tell everything that is needed."""
    offered = known(functions)
    return tuple(each for each in sources if set(needs) <= set(offered[each].tells))


def united(
    functions: Mapping[str, KqlFunction], sources: Sequence[str] = DEFAULT
) -> dict[str, KqlFunction]:
    """The functions with LoginEvents as these sources make it."""
    offered = known(functions)
    if tuple(sources) == DEFAULT or OWN not in offered:
        return dict(functions)
    own = offered[OWN]
    read = [offered[each] for each in dict.fromkeys(sources)]
    beside = {_OWN_BESIDE_OTHERS: replace(own, name=_OWN_BESIDE_OTHERS)} if own in read else {}
    names = [_OWN_BESIDE_OTHERS if each is own else each.name for each in read]
    declared = ", ".join(f"{name}: {kind}" for name, kind in COLUMNS.items())
    body = f"union (datatable({declared})[]), {', '.join(names)}\n{_FILLED}"
    tables = tuple(dict.fromkeys(table for each in read for table in each.tables))
    events = replace(own, body=body, source="", tells=(), tables=tables)
    return {**functions, **beside, EVENTS: events}


def needed(
    functions: Mapping[str, KqlFunction], sources: Sequence[str] = DEFAULT
) -> dict[str, KqlFunction]:
    """`united` without the sources that are not read and the functions that serve those alone."""
    made = united(functions, sources)
    read = set(sources)
    idle = {name for name, each in made.items() if each.source and each.source not in read}
    served = {each.name for name in idle for each in kql_function.used_by(name, made)}
    kept = [name for name in made if name not in served]
    used = {each.name for name in kept for each in kql_function.used_by(name, made)}
    return {name: each for name, each in made.items() if name in used}


def read_by(
    queries: Iterable[str], functions: Mapping[str, KqlFunction] | None = None
) -> tuple[str, ...]:
    """The sources that rendered queries read; none where none of them reads login events."""
    text = "\n".join(queries)
    if f"let {EVENTS} =" not in text:
        return ()
    return tuple(source for source, each in known(functions).items() if each.body in text)


def tables_read(
    query: str, tables: Sequence[str], functions: Sequence[KqlFunction]
) -> tuple[str, ...]:
    """The tables that a query reads with these functions, by its head and by its sources."""
    more = [table for each in functions for table in each.tables if table not in tables]
    if not more:
        return tuple(tables)
    text = "\n".join([*(each.body for each in functions), query])
    words = {each.text for each in tokens(text) if each.kind == "word"}
    return tuple(each for each in dict.fromkeys([*tables, *more]) if each in words)
