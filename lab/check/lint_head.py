"""Lint of heads: the sentences that people read, ATT&CK ids, and the size of what is deployed."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from components.content.kql_function import KqlFunction
from components.limits.alert_rule import MAX_RULE_BYTES, OWN_RULE_BYTES
from components.limits.refusal import nearest
from lab.check.finding import Finding
from lab.check.query import Query

_MAX_DESCRIPTION: Final = 160
_ENVELOPE: Final = 2048
"""Bytes of a rule beside what the head says: ids of scope and action group, names of properties."""


def check(query: Query, known: Collection[str], detections: Collection[str]) -> list[Finding]:
    """What is wrong with the head of a query; `known` are ATT&CK ids, `detections` slugs."""
    found = [*_techniques(query, known)]
    if query.kind in ("detection", "hunting"):
        found += _description(query)
    if query.kind == "detection":
        found += [*_sentences(query), *_neighbours(query, detections), *_size(query)]
    return found


def unused(functions: Iterable[Query], used: Iterable[KqlFunction]) -> list[Finding]:
    """The functions that no query uses; of sources of login events a stack chooses some."""
    names = {each.name for each in used}
    return [
        each.at_head(
            "",
            "unused-function",
            f"function {each.slug} is used by no query",
            "expected a query that uses it, or no such file",
        )
        for each in functions
        if each.slug not in names
    ]


def _techniques(query: Query, known: Collection[str]) -> Iterator[Finding]:
    for technique in query.texts("attack"):
        if technique not in known:
            parent = technique.split(".")[0]
            near = sorted(each for each in known if each.startswith(parent))
            instead = nearest(technique, near or known)
            if instead.startswith("expected one of") and not near:
                instead = "expected an id of components/content/attack_techniques.txt"
            what = f"ATT&CK id {technique!r} is unknown"
            yield query.at_head("attack", "unknown-technique", what, instead)


def _description(query: Query) -> Iterator[Finding]:
    description = query.text("description")
    if not description.endswith("."):
        what = "the description does not end with a full stop"
        yield query.at_head("description", "description-form", what, "expected one sentence")
    if len(description) > _MAX_DESCRIPTION:
        what = f"the description has {len(description)} characters"
        instead = f"expected at most {_MAX_DESCRIPTION}"
        yield query.at_head("description", "description-form", what, instead)


def _sentences(query: Query) -> Iterator[Finding]:
    for key, texts in (
        ("blind_spots", query.texts("blind_spots")),
        ("response", [query.text("response")]),
    ):
        for text in texts:
            if not text.endswith((".", "?")):
                what = f"{key} has {text[:60]!r}, which does not end as a sentence does"
                yield query.at_head(key, "sentence-form", what, "expected whole sentences")


def _neighbours(query: Query, detections: Collection[str]) -> Iterator[Finding]:
    for key in ("blind_spots", "false_positives", "response"):
        text = " ".join(query.texts(key) or [query.text(key)])
        for name in re.findall(r"\bsee (\w+_\w+)", text):
            if name not in detections:
                what = f"detection {name!r} does not exist"
                yield query.at_head(key, "unknown-neighbour", what, nearest(name, detections))


def _size(query: Query) -> Iterator[Finding]:
    rule = {**query.head, "query": query.statement}
    size = len(json.dumps(rule, ensure_ascii=False, default=str).encode()) + _ENVELOPE
    text = len(query.statement.encode())
    if text > OWN_RULE_BYTES:
        yield query.at_head(
            "",
            "large-query",
            f"the query has {text} bytes with its functions",
            f"expected at most {OWN_RULE_BYTES}: fewer or shorter patterns, or two detections",
        )
    if size > MAX_RULE_BYTES:
        yield query.at_head(
            "",
            "rule-too-large",
            f"the alert rule has about {size} bytes",
            f"expected at most {MAX_RULE_BYTES}: fewer or shorter patterns, or two detections",
        )
