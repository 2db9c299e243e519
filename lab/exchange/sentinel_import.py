"""A Sentinel analytics rule as a detection of ours, and what of it cannot be carried over.

An analytics rule counts the rows of its query; an alert rule measures. A comparison at the end of
the query therefore becomes measure and threshold, the columns of the entities become dimensions.
"""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from components.content import attack_coverage, detection, kql_function
from components.limits.alert_rule import FREQUENCIES, MAX_DIMENSIONS, WINDOWS, duration
from components.limits.refusal import ABSENT, Refusal, RefusedError, nearest
from lab.exchange import sentinel_file, sentinel_query
from lab.exchange.sentinel_file import SentinelFile

SEVERITIES: Final = {"High": 1, "Medium": 2, "Low": 3, "Informational": 4}
LONGEST: Final = timedelta(days=2)
_SIGNS: Final = {
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqual",
    "<": "LessThan",
    "<=": "LessThanOrEqual",
}
_COMPARISON: Final = re.compile(
    r"\n\s*\|\s*where\s+(\w+)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*;?\s*\Z"
)
_NUMBERS: Final = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*")
_USED: Final = {
    *("id", "name", "description", "severity", "kind", "query", "queryFrequency", "queryPeriod"),
    *("triggerOperator", "triggerThreshold", "relevantTechniques", "entityMappings"),
}
_LOST: Final = {
    "alertDetailsOverride": "an alert has the detection's name",
    "customDetails": "an alert links to the rows of its query",
    "eventGroupingSettings": "an alert rule fires for each combination of dimensions",
    "incidentConfiguration": "an alert rule opens no incident",
    "requiredDataConnectors": "the tables follow from the query",
    "sentinelEntitiesMappings": "an alert rule knows no entities",
    "suppressionDuration": "a stack's muteDuration says it for all rules",
    "tactics": "they follow from the techniques",
}
_KEY_OF: Final = {
    **{key: key for key in ("name", "description", "severity")},
    "frequency": "queryFrequency",
    "window": "queryPeriod",
    "threshold": "triggerThreshold",
    "operator": "triggerOperator",
    "dimensions": "entityMappings",
    "attack": "relevantTechniques",
}
"""Which key of a rule a key of the head is made from; the others come from its query."""
_WORTHLESS: Final = {"version", "metadata", "status", "tags"}


@dataclass
class _Import:
    """A detection in the making: the head so far, what gets lost, what forbids it."""

    file: SentinelFile
    head: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    wrong: list[Refusal] = field(default_factory=list)

    def lose(self, key: str, words: str) -> None:
        self.lost.append(f"{words} ({self.file.where(key).in_file()})")

    def refuse(self, key: str, what: str, expected: str, value: object = ABSENT) -> None:
        self.wrong.append(Refusal(self.file.where(key), what, expected, value))


@dataclass(frozen=True)
class Imported:
    """The text of the `.kql` file, and what could not be carried over, one line each."""

    slug: str
    text: str
    lost: tuple[str, ...]


def from_file(path: Path, slug: str = "") -> Imported:
    """The detection that a rule stands for; RefusedError has everything that forbids it."""
    making = _Import(sentinel_file.read(path))
    rule = making.file.rule
    slug = slug or _slug(str(rule.get("name") or path.stem))
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", slug):
        making.refuse("name", f"{slug!r} is not a slug", "expected words_joined_like_this")
    _words(making)
    _times(making)
    query = sentinel_query.read(making.file)
    making.wrong += query.refusals
    making.head["tables"] = list(query.tables)
    body = query.body
    if query.shape is not None:
        body = _measure(making, body, query.shape)
        _dimensions(making, query.shape)
    _rest(making)
    if making.wrong:
        raise RefusedError(*making.wrong)
    text = _text(making, body)
    _refuse_what_azure_would(making.file, slug, text)
    return Imported(slug, text, tuple(making.lost))


def _slug(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", name.lower())
    return "_".join(words).lstrip("0123456789_")


def _words(making: _Import) -> None:
    rule, head = making.file.rule, making.head
    kind = rule.get("kind", "Scheduled")
    if kind != "Scheduled":
        making.refuse("kind", "cannot be carried over", "expected Scheduled", kind)
    name = rule.get("name")
    if not isinstance(name, str) or not name.strip():
        making.refuse("name", "is missing", "expected a text")
    head["name"] = " ".join(str(name).split())
    description = " ".join(str(rule.get("description") or name).split())
    head["description"] = description.removeprefix("'").removesuffix("'").strip()
    severity = rule.get("severity")
    if severity not in SEVERITIES:
        known = ", ".join(SEVERITIES)
        making.refuse("severity", "is unknown", f"expected one of {known}", severity)
    elif severity == "High":
        making.lose("severity", "severity High became 1; whether it is 0 (critical), it cannot say")
    head["severity"] = SEVERITIES.get(str(severity), 2)
    known_techniques = attack_coverage.names()
    techniques = [str(each) for each in rule.get("relevantTechniques") or []]
    for each in techniques:
        if each not in known_techniques:
            words = f"technique {each} is not in components/content/attack_techniques.txt"
            making.lose("relevantTechniques", f"{words}, where all of ATT&CK's are; replace it")
    if not techniques:
        making.refuse("relevantTechniques", "is missing", "expected one technique or more")
    head["attack"] = techniques


def _times(making: _Import) -> None:
    rule, head = making.file.rule, making.head
    for key, name in (("queryFrequency", "frequency"), ("queryPeriod", "window")):
        wanted = sentinel_file.span(rule.get(key))
        if wanted is None or wanted <= timedelta(0):
            making.refuse(key, "cannot be read", "expected 5m, 1h or 1d", rule.get(key))
            wanted = timedelta(hours=1)
        if key == "queryPeriod":
            found = sentinel_file.at_least(wanted, WINDOWS)
            reason = "an alert rule never sees more than two days"
        else:
            found = sentinel_file.at_most(wanted, FREQUENCIES)
            reason = "the longest interval of an alert rule is a day"
        head[name] = found or "P2D"
        if duration(head[name]) != wanted:
            why = reason if wanted > LONGEST else "an alert rule knows no such duration"
            making.lose(key, f"{key} {rule.get(key)} became {head[name]}; {why}")
    if duration(head["window"]) < duration(head["frequency"]):
        making.lose(
            "queryPeriod",
            f"queryPeriod {rule.get('queryPeriod')} became {head['frequency']};"
            " an alert rule's window is at least its interval",
        )
        head["window"] = head["frequency"]


def _measure(making: _Import, body: str, shape: Mapping[str, str]) -> str:
    """Measure, operator and threshold; the body without the comparison that became one."""
    rule, head = making.file.rule, making.head
    word, number = rule.get("triggerOperator", "gt"), rule.get("triggerThreshold", 0)
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        making.refuse("triggerThreshold", "is not allowed", "expected a number", number)
        return body
    head["measure"] = "rows"
    head["threshold"] = number
    found = _COMPARISON.search(body)
    if word == "gt" and number == 0 and found and _is_number(shape, found[1]):
        # Any row beyond the threshold is an alert: so is the highest one, or the lowest.
        highest = found[2].startswith(">")
        aggregation = "Maximum" if highest else "Minimum"
        head["measure"] = {"column": found[1], "aggregation": aggregation}
        head["operator"] = _SIGNS[found[2]]
        head["threshold"] = float(found[3]) if "." in found[3] else int(found[3])
        return body[: found.start()]
    if (word, number) == ("eq", 0):
        head["operator"], head["threshold"] = "LessThan", 1
    elif (word, number) == ("ne", 0):
        head["operator"] = "GreaterThan"
    elif word in ("gt", "lt"):
        head["operator"] = {"gt": "GreaterThan", "lt": "LessThan"}[word]
    else:
        making.refuse(
            "triggerOperator",
            f"{word} {number} cannot be carried over",
            "expected gt or lt",
        )
    return body


def _is_number(shape: Mapping[str, str], column: str) -> bool:
    return bool(_NUMBERS.fullmatch(shape.get(column, "")))


def _dimensions(making: _Import, shape: Mapping[str, str]) -> None:
    """The columns of the entities, where splitting by them does not change what is counted."""
    rule, head = making.file.rule, making.head
    head["dimensions"] = []
    mappings = rule.get("entityMappings") or []
    counts_rows = head.get("measure") == "rows"
    whole = counts_rows and (head.get("operator"), head.get("threshold")) != ("GreaterThan", 0)
    for entity in mappings if isinstance(mappings, list) else []:
        for each in entity.get("fieldMappings") or []:
            column, kind = str(each.get("columnName")), entity.get("entityType")
            named = f"entity {kind} ({each.get('identifier')})"
            if column not in shape:
                making.lose("entityMappings", f"{named} names no column of the result: {column}")
            elif whole:
                words = f"{named} is lost; by {column} the rows of each value would be counted"
                making.lose("entityMappings", words)
            elif shape[column] != "VARCHAR" or len(head["dimensions"]) >= MAX_DIMENSIONS:
                words = f"{named} is lost; {column} can be no dimension"
                making.lose("entityMappings", words)
            else:
                head["dimensions"] += [column] if column not in head["dimensions"] else []
                making.lose("entityMappings", f"{named} became the dimension {column}, a text")


def _rest(making: _Import) -> None:
    rule = making.file.rule
    if rule.get("suppressionEnabled") is True:
        making.lose("suppressionEnabled", "suppression is lost; a stack's muteDuration is for all")
    for key in rule:
        if key in _LOST and rule[key] not in (None, [], {}):
            if key == "suppressionDuration" and rule.get("suppressionEnabled") is not True:
                continue
            making.lose(key, f"{key} cannot stay; {_LOST[key]}")
        elif key not in {*_USED, *_LOST, *_WORTHLESS, "suppressionEnabled"}:
            known = sorted({*_USED, *_LOST, *_WORTHLESS})
            making.lose(key, f"key {key!r} is unknown and lost; {_short(nearest(key, known))}")


def _short(expectation: str) -> str:
    is_list = expectation.startswith("expected one of")
    return "expected a key of analytics rules" if is_list else expectation


def _text(making: _Import, body: str) -> str:
    origin = making.file.rule.get("id") or making.file.path.name
    head = {
        **{key: making.head[key] for key in ("name", "description", "severity")},
        "status": "experimental",
        **{
            key: making.head[key]
            for key in ("frequency", "window", "measure", "operator", "threshold", "dimensions")
        },
        "tables": making.head["tables"],
        "attack": making.head["attack"],
        "confidence": 1,
        "false_positives": [],
        "blind_spots": [f"Imported from Sentinel rule {origin}; nobody has looked for them yet."],
        "response": "Look at the rows that the alert links to, and at who is behind them.",
    }
    written = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=96)
    return "".join(f"// {line}\n" for line in written.splitlines()) + f"\n{body.strip()}\n"


def _refuse_what_azure_would(file: SentinelFile, slug: str, text: str) -> None:
    """The file is read as every detection is; what is wrong then is the rule's."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / f"{slug}.kql"
        path.write_text(text, encoding="utf-8")
        try:
            detection.read(path, kql_function.load_all())
        except RefusedError as error:
            raise RefusedError(*(_said_of(file, each) for each in error.refusals)) from error


def _said_of(file: SentinelFile, refusal: Refusal) -> Refusal:
    """A refusal of the head, at the key of the rule that it comes from."""
    key = refusal.where.key
    return replace(refusal, where=replace(file.where(_KEY_OF.get(key, "query")), key=key))
