"""A tile of the workbook: one file of `kql/workbooks/`, its head checked. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from components.content import kql_file, kql_function, login_sources, places
from components.content.hunting_query import QUESTIONS
from components.content.kql_file import KqlFile
from components.content.kql_function import KqlFunction
from components.content.log_sources import Owners, with_sources
from components.content.login_sources import DEFAULT
from components.limits.refusal import NOWHERE, Refusal, RefusedError, nearest

WORKBOOKS = places.KQL / "workbooks"

SIZES = {"medium": 0, "small": 1, "large": 2, "full": 3, "tiny": 4}
"""A tile's height and the number that workbooks write for it."""
VISUALIZATIONS = ("areachart", "barchart", "linechart", "piechart", "table", "tiles", "timechart")
SOURCES = ("logs", "resource_graph")
PLACEHOLDERS = (
    "{Account}",
    "{ResourceGroup}",
    "{TimeRange:endISO}",
    "{TimeRange:startISO}",
)
"""What a query may take from the workbook; anywhere but inside a literal it would be no KQL."""

_PLACEHOLDER = re.compile(r"\{[A-Za-z]\w*(?::\w+)?\}")


class _Key(NamedTuple):
    accepts: Callable[[object], bool]
    expectation: str
    required: bool = True


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_whole(value: object, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _one_of(*words: str, required: bool = True) -> _Key:
    return _Key(lambda value: value in words, f"one of {', '.join(words)}", required)


_KEYS: dict[str, _Key] = {
    "title": _Key(_is_text, "a text"),
    "description": _Key(_is_text, "a text"),
    "section": _Key(_is_text, "a text"),
    "question": _one_of(*QUESTIONS),
    "order": _Key(lambda value: _is_whole(value, 1, 9999), "a whole number from 1"),
    "visualization": _one_of(*VISUALIZATIONS),
    "size": _one_of(*SIZES),
    "width": _Key(lambda value: _is_whole(value, 10, 100), "10 to 100 (per cent)", False),
    "empty": _Key(_is_text, "a text", False),
    "source": _one_of(*SOURCES, required=False),
    "tables": _Key(
        lambda value: isinstance(value, list) and bool(value) and all(map(_is_text, value)),
        "a list with at least one entry",
    ),
}


@dataclass(frozen=True)
class WorkbookTile:
    """What the head and the query say; `width` is in per cent of the page."""

    slug: str
    title: str
    description: str
    section: str
    question: str
    order: int
    visualization: str
    size: str
    width: int
    empty: str
    source: str
    tables: tuple[str, ...]
    query: str
    functions: tuple[KqlFunction, ...]

    def rendered_query(self, owners: Owners | None = None) -> str:
        """The query as the workbook holds it: its functions as `let` statements, then the body.

        `owners`: whose rows it shows, those of every app in the workspace by default.
        """
        whole = "\n".join([*(function.as_let() for function in self.functions), self.query])
        return with_sources(whole, self.tables, owners) if self.source == SOURCES[0] else whole


def load_all(
    folder: Path = WORKBOOKS,
    functions: Mapping[str, KqlFunction] | None = None,
    sources: Sequence[str] = DEFAULT,
) -> list[WorkbookTile]:
    """Every tile in the order of the page; RefusedError has what is wrong with all files.

    `sources`: where login events come from.
    """
    known = kql_function.load_all() if functions is None else functions
    known = login_sources.united(known, sources)
    found, refusals = kql_file.each_readable(folder, lambda path: read(path, known))
    tiles = list(found.values())
    refusals += _doubles(tiles)
    if refusals:
        raise RefusedError(*refusals)
    return sorted(tiles, key=lambda tile: tile.order)


def read(path: Path, functions: Mapping[str, KqlFunction]) -> WorkbookTile:
    """The tile of one file; RefusedError has everything that is wrong with it."""
    file = kql_file.read(path)
    if refusals := [*_refusals(file), *_strange_placeholders(file)]:
        raise RefusedError(*refusals)
    head: dict[str, Any] = file.head
    used = kql_function.used_by(file.body, functions)
    return WorkbookTile(
        slug=path.stem,
        title=head["title"],
        description=" ".join(head["description"].split()),
        section=head["section"],
        question=head["question"],
        order=head["order"],
        visualization=head["visualization"],
        size=head["size"],
        width=head.get("width", 100),
        empty=head.get("empty", ""),
        source=head.get("source", SOURCES[0]),
        tables=login_sources.tables_read(file.body, tuple(head["tables"]), used),
        query=file.body,
        functions=used,
    )


def _refusals(file: KqlFile) -> list[Refusal]:
    found = file.unknown_keys(_KEYS)
    for name, key in _KEYS.items():
        expected = f"expected {key.expectation}"
        if name not in file.head:
            if key.required:
                found.append(Refusal(file.where(name), "is missing", expected))
        elif not key.accepts(value := file.head[name]):
            found.append(Refusal(file.where(name), "is not allowed", expected, value))
    return found


def _strange_placeholders(file: KqlFile) -> list[Refusal]:
    """Azure leaves what it does not know as it stands, and the tile finds nothing."""
    return [
        Refusal(file.where(), f"placeholder {found} is unknown", nearest(found, PLACEHOLDERS))
        for found in dict.fromkeys(_PLACEHOLDER.findall(file.body))
        if found not in PLACEHOLDERS
    ]


def _doubles(tiles: list[WorkbookTile]) -> list[Refusal]:
    taken: dict[int, str] = {}
    refusals = []
    for tile in tiles:
        other = taken.setdefault(tile.order, tile.slug)
        if other != tile.slug:
            what = f"order {tile.order} stands twice, in {other} and {tile.slug}"
            refusals.append(Refusal(NOWHERE, what, "expected a place of its own for each tile"))
    return refusals
