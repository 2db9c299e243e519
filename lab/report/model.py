"""The record of a rehearsal: what was deployed, what was expected, what fired, what it took.

`Report.as_json()` is the stable, versioned form that other programs read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from components.content.attack_coverage import Coverage

VERSION = 1

Verdict = Literal["pass", "fail", "not rehearsed"]
"""Not rehearsed: nothing here can make it fire, for a reason that the entry gives."""


_HEADINGS: Final = {"virtual_s": "seconds of lab time", "wall_s": "seconds of yours"}


def heading(figure: str) -> str:
    """The name of one of the report's figures, for people."""
    return _HEADINGS.get(figure, figure.replace("_", " "))


def stamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second; None stays None."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@dataclass(frozen=True)
class DeliveryEntry:
    """One message of one alert: kind (webhook, email), receiver name, when, and how it ended."""

    kind: str
    receiver: str
    condition: str
    at: datetime
    status: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": stamp(self.at)}


@dataclass(frozen=True)
class AlertEntry:
    """One fired alert: one rule, one combination of dimension values."""

    slug: str
    dimensions: Mapping[str, str]
    severity: int
    fired_at: datetime
    resolved_at: datetime | None
    value: float
    delivered: tuple[DeliveryEntry, ...]
    scenario: str | None
    """The attack it belongs to; None for an alert that only ordinary users can explain."""
    latency_s: float | None = None
    """Lab seconds from the event that crossed the threshold to the alert; None for an alert on
    another detection's attack."""
    delivery_s: float | None = None
    """Lab seconds from that event to the first delivered message."""
    least_s: float | None = None
    """The least possible: ingestion delay, then the wait for the rule's next evaluation."""

    def as_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "dimensions": dict(self.dimensions),
            "severity": self.severity,
            "value": self.value,
            "fired_at": stamp(self.fired_at),
            "resolved_at": stamp(self.resolved_at),
            "latency_s": self.latency_s,
            "delivery_s": self.delivery_s,
            "least_s": self.least_s,
            "scenario": self.scenario,
            "delivered": [entry.as_json() for entry in self.delivered],
        }


@dataclass(frozen=True)
class DetectionEntry:
    """One line of the verdict: a detection held against a scenario."""

    slug: str
    scenario: str
    expected: Literal["fires", "silent"]
    alerts: tuple[AlertEntry, ...]
    verdict: Verdict
    reason: str

    @property
    def fired(self) -> bool:
        return bool(self.alerts)

    def as_json(self) -> dict[str, Any]:
        keys = ("dimensions", "fired_at", "latency_s", "delivered")
        alerts = [{key: entry.as_json()[key] for key in keys} for entry in self.alerts]
        return {
            "slug": self.slug,
            "scenario": self.scenario,
            "expected": self.expected,
            "fired": self.fired,
            "alerts": alerts,
            "verdict": self.verdict,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class RuleEntry:
    """A detection, for a reader who does not know it."""

    slug: str
    name: str
    sentence: str
    """What it looks for."""
    condition: str
    """When it fires, as the stack has set it."""
    query: str
    """As it stands in kql/detections, without the functions that Azure gets with it."""


@dataclass(frozen=True)
class Message:
    """A delivered message as its reader saw it; long texts and links are cut (`shorten`)."""

    kind: str
    at: datetime
    to: str
    subject: str
    body: str
    rule: str = ""
    """Slug or role of the rule that sent it; '' where the message does not say."""


@dataclass(frozen=True)
class Minute:
    """Traffic of one lab minute, for the timeline."""

    at: datetime
    ordinary: int
    attack: int
    failures: int
    successes: int


@dataclass(frozen=True)
class ViolationEntry:
    """A rule of the policy pack that a deployed resource breaks."""

    rule: str
    level: Literal["mandatory", "advisory"]
    resource: str
    message: str


@dataclass(frozen=True)
class LoginsEntry:
    """How many rows of an app's log were login events, and what the detections on them lack."""

    sources: tuple[str, ...]
    """Where the login events were read, of docs/sources.md."""
    tables: tuple[str, ...]
    rows: int
    events: int
    blind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Slug -> what the deployed detection needs and no event has."""
    note: str = ""
    """Why these sources were read, where the stack names others."""

    def as_json(self) -> dict[str, Any]:
        return {
            "sources": list(self.sources),
            "tables": list(self.tables),
            "rows": self.rows,
            "events": self.events,
            "blind": {slug: list(lacking) for slug, lacking in self.blind.items()},
            "note": self.note,
        }


@dataclass(frozen=True)
class Report:
    """Everything a rehearsal or a replay has to say."""

    engine: str
    stack: str
    started: datetime
    ended: datetime
    resources: Sequence[Mapping[str, str]]
    detections: Sequence[DetectionEntry]
    alerts: Sequence[AlertEntry]
    false_alerts: Sequence[AlertEntry]
    figures: Mapping[str, float | int]
    """Counts, and seconds (`_s`): `virtual_s` of the lab's clock, `wall_s` of the whole run, from
    before the program is deployed until it is judged.
    """
    program: str = ""
    """Folder of the program that was deployed; '' for this repository's own."""
    platform_alerts: Sequence[AlertEntry] = ()
    """Of metric alerts, availability tests and activity-log rules; no detection is judged by them,
    but one that no attack explains is among the false alerts too.
    """
    notices: Sequence[str] = ()
    messages: Sequence[Message] = ()
    minutes: Sequence[Minute] = field(default=(), repr=False)
    violations: Sequence[ViolationEntry] = ()
    rules_held: int | None = None
    """Rules of the policy pack that nothing breaks; None for a replay, which has no resources."""
    cost: Mapping[str, Any] | None = field(default=None, repr=False)
    """What the stack costs a month (`lab cost --json`); None for a replay."""
    rules: Sequence[RuleEntry] = field(default=(), repr=False)
    """What the detections look for; those of the platform explain themselves by their names."""
    digests: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Of the rules that were judged, by slug: this report is proof of that form of them only."""
    coverage: Sequence[Coverage] = field(default=(), repr=False)
    """The ATT&CK techniques, with what this run and the recorded cases prove."""

    logins: LoginsEntry | None = None
    """None where no deployed detection reads login events."""

    @property
    def passed(self) -> bool:
        kept = not any(each.level == "mandatory" for each in self.violations)
        return kept and not self.false_alerts and all(d.verdict != "fail" for d in self.detections)

    @property
    def policy(self) -> str:
        """How the policy pack judged what was deployed, in a few words; '' where it did not."""
        if self.rules_held is None:
            return ""
        broken = len({each.rule for each in self.violations})
        rules = f"{self.rules_held} rule{'' if self.rules_held == 1 else 's'} held"
        return f"policy: {rules}, {broken} broken" if broken else f"policy: {rules}"

    def as_json(self) -> dict[str, Any]:
        cost = {} if self.cost is None else {"cost": dict(self.cost)}
        program = {"program": self.program} if self.program else {}
        policy = {} if self.rules_held is None else {"rules_held": self.rules_held}
        logins = {} if self.logins is None else {"logins": self.logins.as_json()}
        return {
            "version": VERSION,
            "engine": self.engine,
            "stack": self.stack,
            **program,
            "resources": [dict(resource) for resource in self.resources],
            "detections": [entry.as_json() for entry in self.detections],
            "alerts": [entry.as_json() for entry in self.alerts],
            "false_alerts": [entry.as_json() for entry in self.false_alerts],
            "platform_alerts": [entry.as_json() for entry in self.platform_alerts],
            "figures": dict(self.figures),
            "notices": list(self.notices),
            "violations": [asdict(each) for each in self.violations],
            "digests": dict(self.digests),
            "coverage": [{**asdict(row), "proven": row.proven} for row in self.coverage],
            **policy,
            **logins,
            **cost,
        }

    def dumps(self) -> str:
        return json.dumps(self.as_json(), indent=2, ensure_ascii=False) + "\n"
