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
from lab.check import file_lint
from lab.check.lint_time import BURST, EARLIEST_ARRIVAL
from lab.exchange import sentinel_file, sentinel_measure, sentinel_query
from lab.exchange.sentinel_file import SentinelFile

SEVERITIES: Final = {"High": 1, "Medium": 2, "Low": 3, "Informational": 4}
LONGEST: Final = timedelta(days=2)
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
_TECHNIQUES: Final = {
    "Reconnaissance": "T1595",
    "ResourceDevelopment": "T1583",
    "InitialAccess": "T1190",
    "Execution": "T1059",
    "Persistence": "T1078",
    "PrivilegeEscalation": "T1068",
    "DefenseEvasion": "T1562",
    "CredentialAccess": "T1110",
    "Discovery": "T1046",
    "LateralMovement": "T1021",
    "Collection": "T1005",
    "CommandAndControl": "T1071",
    "Exfiltration": "T1041",
    "Impact": "T1499",
}
"""What stands for a tactic until somebody names the technique."""
_ANY_TECHNIQUE: Final = "T1190"
_NO_DIMENSIONS: Final = frozenset(
    (
        *("url", "file", "filehash", "process", "registrykey", "registryvalue", "mailmessage"),
        *("mailcluster", "submissionmail", "malware"),
    )
)
"""Entities of which one attacker has hundreds: Azure would make that many alerts of one scan."""
_LONGEST_VALUE: Final = 100
_MAX_DESCRIPTION: Final = 160
_WORTHLESS: Final = {"version", "metadata", "status", "tags"}


@dataclass
class _Import:
    """A detection in the making: the head so far, what gets lost, what forbids it."""

    file: SentinelFile
    head: dict[str, Any] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    wrong: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def lose(self, key: str, words: str) -> None:
        self.lost.append(f"{words} ({self.file.where(key).in_file()})")

    def note(self, key: str, words: str) -> None:
        self.notes.append(f"{words} ({self.file.where(key).in_file()})")

    def refuse(self, key: str, what: str, expected: str, value: object = ABSENT) -> None:
        self.wrong.append(Refusal(self.file.where(key), what, expected, value))


@dataclass(frozen=True)
class Imported:
    """The text of the `.kql` file, and what could not be carried over, one line each."""

    slug: str
    text: str
    lost: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was carried over in another form."""


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
    for told in query.told:
        making.note("query", told)
    making.head["tables"] = list(query.tables)
    body = query.body
    if query.shape is not None:
        body = _measure(making, body, query.shape)
        body = _dimensions(making, body, query.shape)
    _rest(making)
    if making.wrong:
        raise RefusedError(*making.wrong)
    body = sentinel_query.with_lets(query.lets, body)
    text = _allowed(making, slug, body)
    _refuse_what_azure_would(making.file, slug, text)
    return Imported(slug, text, tuple(making.lost), tuple(making.notes))


def _slug(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", name.lower())
    return "_".join(words).lstrip("0123456789_")


def _words(making: _Import) -> None:
    rule, head = making.file.rule, making.head
    kind = rule.get("kind", "Scheduled")
    if str(kind).casefold() != "scheduled":
        making.refuse("kind", "cannot be carried over", "expected Scheduled", kind)
    name = rule.get("name")
    if not isinstance(name, str) or not name.strip():
        making.refuse("name", "is missing", "expected a text")
    head["name"] = " ".join(str(name).split())
    head["description"] = _description(making, str(rule.get("description") or name))
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
    head["attack"] = techniques or _technique(making)


def _technique(making: _Import) -> list[str]:
    """What stands for techniques that a rule leaves out, until somebody names them."""
    tactics = making.file.rule.get("tactics") or []
    known = [_TECHNIQUES[str(each)] for each in tactics if str(each) in _TECHNIQUES]
    chosen = known[:1] or [_ANY_TECHNIQUE]
    words = f"the rule names no technique; {chosen[0]} stands for one: replace it"
    making.lose("relevantTechniques" if "relevantTechniques" in making.file.rule else "name", words)
    return chosen


def _description(making: _Import, given: str) -> str:
    """One sentence of at most as many characters as tables and mails have room for."""
    whole = " ".join(given.split()).removeprefix("'").removesuffix("'").strip()
    sentence = re.split(r"(?<=[.!?])\s", whole, maxsplit=1)[0]
    if len(sentence) > _MAX_DESCRIPTION:
        sentence = sentence[: _MAX_DESCRIPTION - 1].rsplit(" ", 1)[0].rstrip(",;:")
    if sentence != whole:
        making.lose("description", "the description became its first sentence")
    return sentence if sentence.endswith(".") else f"{sentence.rstrip('!?')}."


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
    _whole_bursts(making)


def _whole_bursts(making: _Import) -> None:
    """A window as long as its interval cuts every burst in two: it is looked at more often."""
    head = making.head
    window = duration(head["window"])
    longest = window - BURST - EARLIEST_ARRIVAL
    fitting = [each for each in FREQUENCIES if duration(each) <= longest]
    if duration(head["frequency"]) <= longest or not fitting:
        return
    chosen = max(fitting, key=duration)
    words = f"the interval became {chosen}; as long as its window ({head['window']}) it cuts bursts"
    making.note("queryFrequency", words)
    head["frequency"] = chosen


def _measure(making: _Import, body: str, shape: Mapping[str, str]) -> str:
    """Measure, operator and threshold; the body without the comparison that became one."""
    rule, head = making.file.rule, making.head
    word, number = rule.get("triggerOperator", "gt"), rule.get("triggerThreshold", 0)
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        making.refuse("triggerThreshold", "is not allowed", "expected a number", number)
        return body
    head["measure"] = "rows"
    head["threshold"] = number
    numbers = [column for column in shape if _is_number(shape, column)]
    found = sentinel_measure.find(body, numbers) if (word, number) == ("gt", 0) else None
    if found is not None:
        # Any row beyond the threshold is an alert: so is the highest one, or the lowest.
        highest = found.operator.startswith("Greater")
        aggregation = "Maximum" if highest else "Minimum"
        head["measure"] = {"column": found.column, "aggregation": aggregation}
        head["operator"] = found.operator
        head["threshold"] = found.value
        if found.named:
            making.note("query", f"{found.named} became the threshold {found.value:g}")
        return found.body
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


def _dimensions(making: _Import, body: str, shape: Mapping[str, str]) -> str:
    """The columns of the entities, where splitting by them does not change what is counted.

    The body cuts those that somebody may have typed.
    """
    rule, head = making.file.rule, making.head
    head["dimensions"] = []
    mappings = rule.get("entityMappings") or []
    counts_rows = head.get("measure") == "rows"
    whole = counts_rows and (head.get("operator"), head.get("threshold")) != ("GreaterThan", 0)
    for entity in mappings if isinstance(mappings, list) else []:
        for each in entity.get("fieldMappings") or []:
            column, kind = str(each.get("columnName")), str(entity.get("entityType"))
            named = f"entity {kind} ({each.get('identifier')})"
            if column not in shape:
                making.lose("entityMappings", f"{named} names no column of the result: {column}")
            elif kind.casefold() in _NO_DIMENSIONS:
                words = (
                    f"{named} is lost; one attacker has hundreds of them, and each were an alert"
                )
                making.lose("entityMappings", words)
            elif whole:
                words = f"{named} is lost; by {column} the rows of each value would be counted"
                making.lose("entityMappings", words)
            elif shape[column] != "VARCHAR" or len(head["dimensions"]) >= MAX_DIMENSIONS:
                words = f"{named} is lost; {column} can be no dimension"
                making.lose("entityMappings", words)
            elif column not in head["dimensions"]:
                head["dimensions"].append(column)
                making.note("entityMappings", f"{named} became the dimension {column}")
                if kind != "IP":
                    cut = f"| extend {column} = substring({column}, 0, {_LONGEST_VALUE})"
                    body = f"{body.rstrip().rstrip(';')}\n{cut}"
    return body


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


def _allowed(making: _Import, slug: str, body: str) -> str:
    """The file; what the library's checks find in it is allowed by name, and told."""
    text = _text(making, body)
    origin = making.file.rule.get("id") or making.file.path.name
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / f"{slug}.kql"
        path.write_text(text, encoding="utf-8")
        try:
            found = file_lint.findings(path)
        except RefusedError:  # told by the file's own reading, with the rule's place
            return text
    broken = {each.rule_id: each for each in found if each.rule.severity == "error"}
    for each in found:
        if "looks back further than the window" in each.what or each.rule_id == "can-never-fire":
            making.refuse("queryPeriod", each.what, "expected a rule that needs two days at most")
    if making.wrong:
        raise RefusedError(*making.wrong)
    if not broken:
        return text
    allowances = "".join(
        f"// allow {rule_id}: as rule {origin} of Sentinel has it\n" for rule_id in sorted(broken)
    )
    for each in broken.values():
        making.lose("query", f"{each.rule_id} stays, and is allowed: {each.what}; {each.instead}")
    return _text(making, f"{allowances}{body}")


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
