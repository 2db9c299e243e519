"""What the lab takes, Microsoft's parser takes: generated queries, and ours with a change."""

import sys

import pytest

from components.content.log_columns import TABLES as LOG_TABLES
from lab.check import library, microsoft
from lab.kusto.binder import bind
from lab.kusto.kusto_error import KustoError
from lab.kusto.query_tree import parse
from lab.kusto.spelling import spelt
from tests.lab.kusto import queries

pytestmark = pytest.mark.node

GENERATED = 1_800
MUTANTS = 400
ENGINE_ONLY = (
    "no step of a",
    "cannot compare",
    "externaldata",
    "gives several tables",
    "is not known to the lab",
)
"""Refused here and not by the parser: Kusto's engine refuses it, or the lab has it not."""

Tables = dict[str, dict[str, str]]


def refusal(kql: str, tables: Tables) -> str | None:
    """The lab's; None where it takes the query."""
    sys.setrecursionlimit(20_000)
    text = spelt(kql).text
    try:
        bind(parse(text), text, tables)
    except KustoError as error:
        return error.message
    return None


def compared(texts: list[str], tables: Tables) -> tuple[list[str], list[str]]:
    """What only the lab takes, and what only Microsoft's parser takes."""
    places = microsoft.modules()
    if places is None:
        pytest.skip(microsoft.MISSING)
    named = {str(number): text for number, text in enumerate(texts)}
    refused = microsoft.refusals(named, tables, places)
    ours = {name: refusal(text, tables) for name, text in named.items()}
    only_here = [
        f"{named[name]}\n   {[each['message'] for each in refused[name]]}"
        for name, said in ours.items()
        if said is None and name in refused
    ]
    only_there = [
        f"{named[name]}\n   {said}"
        for name, said in ours.items()
        if said and name not in refused and not any(each in said for each in ENGINE_ONLY)
    ]
    return only_here, only_there


def test_generated_queries_are_taken_and_refused_alike() -> None:
    texts = list(queries.Maker(7).queries(GENERATED))
    only_here, only_there = compared(texts, queries.TABLES)
    assert not only_here, "\n".join(only_here[:20])
    assert not only_there, "\n".join(only_there[:20])


def test_changed_queries_of_the_library_are_never_taken_by_the_lab_alone() -> None:
    own = [each for each in library.read().queries if each.runs_here and len(each.statement) < 3000]
    texts = [queries.mutated(own[number % len(own)].statement, number) for number in range(MUTANTS)]
    only_here, _ = compared(texts, LOG_TABLES)
    assert len(own) > 50
    assert not only_here, "\n\n".join(only_here[:5])
