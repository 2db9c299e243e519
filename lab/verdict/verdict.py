"""Every detection held against its attack and against ordinary users."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lab.azure.monitor.log_search.alert import Alert, Delivery
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.azure.monitor.notify.fired_alert import FiredAlert
from lab.logs.log_tables import LogTables
from lab.play.timetable import Appearance
from lab.report.model import AlertEntry, DeliveryEntry, DetectionEntry
from lab.verdict import attack_rows
from lab.verdict.attribution import explained_by
from lab.verdict.broken_hop import why_not_delivered, why_not_fired
from lab.verdict.kept_out import why_kept_out
from lab.verdict.threshold_crossing import crossings, least_seconds

ORDINARY = "ordinary"
LEARNED = "Azure learns the threshold, from three days and thirty samples on"


@dataclass(frozen=True)
class Evidence:
    """What a rehearsal leaves behind for its verdict."""

    runners: Mapping[str, AlertRuleRunner]
    """Slug -> the deployed alert rule."""
    alerts: Sequence[Alert]
    tables: LogTables
    attacks: Sequence[Appearance]
    dropped: Counter[str]
    ingestion_delay: timedelta
    platform_alerts: Sequence[FiredAlert] = ()
    """Of metric alerts, availability tests and activity-log rules: no attack is theirs alone."""
    learning: Sequence[str] = ()
    """Slugs of detections with a dynamic threshold, which only Azure can learn."""
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The right ones by account: what an attack that means to get in has to know."""

    def slug_of(self, alert: Alert) -> str:
        """Rules that are no detections (the platform's own) go by their name."""
        by_rule = {runner.rule.id: slug for slug, runner in self.runners.items()}
        return by_rule.get(alert.rule.id, alert.rule.name)


@dataclass(frozen=True)
class Judgement:
    """The verdict and the alerts it rests on."""

    detections: list[DetectionEntry]
    alerts: list[AlertEntry]
    platform_alerts: list[AlertEntry] = field(default_factory=list)

    @property
    def false_alerts(self) -> list[AlertEntry]:
        """Those that fired with no attack to explain them, the platform's among them."""
        every = (*self.alerts, *self.platform_alerts)
        return [alert for alert in every if alert.scenario is None]


def judge(evidence: Evidence, slugs: Sequence[str]) -> Judgement:
    """Two lines for each slug: it must fire for its attack, and be silent for ordinary users."""
    pairs = _entries(evidence)
    pairs.sort(
        key=lambda pair: (pair[1].fired_at, pair[1].slug, sorted(pair[1].dimensions.items()))
    )
    judged = [slug for slug in slugs if slug not in evidence.learning]
    detections = [_against_attack(slug, evidence, pairs) for slug in judged]
    detections += [_against_ordinary(slug, evidence, pairs) for slug in judged]
    detections += [_not_rehearsed(slug, LEARNED) for slug in slugs if slug in evidence.learning]
    platform = [_platform_entry(each, evidence) for each in evidence.platform_alerts]
    return Judgement(detections, [entry for _, entry in pairs], platform)


def _against_attack(
    slug: str, evidence: Evidence, pairs: Sequence[tuple[Alert, AlertEntry]]
) -> DetectionEntry:
    own = [pair for pair in pairs if pair[1].slug == slug and pair[1].scenario == slug]
    reason = _reason(slug, evidence, [alert for alert, _ in own])
    attack = None if own else _attack(slug, evidence)
    if attack and (stopped := why_kept_out(attack, evidence.tables, evidence.passwords)):
        return _not_rehearsed(slug, stopped)
    return DetectionEntry(
        slug=slug,
        scenario=slug,
        expected="fires",
        alerts=tuple(entry for _, entry in own),
        verdict="fail" if reason else "pass",
        reason=reason,
    )


def _not_rehearsed(slug: str, reason: str) -> DetectionEntry:
    return DetectionEntry(
        slug=slug,
        scenario=slug,
        expected="fires",
        alerts=(),
        verdict="not rehearsed",
        reason=reason,
    )


def _attack(slug: str, evidence: Evidence) -> Appearance | None:
    return next((each for each in evidence.attacks if each.scenario.slug == slug), None)


def _reason(slug: str, evidence: Evidence, fired: Sequence[Alert]) -> str:
    if fired:
        return why_not_delivered(fired)
    attack = _attack(slug, evidence)
    if attack is None:
        return (
            f"not attacked; expected a scenario in traffic/attacks/{slug}.py,"
            f" or a fault in lab/play/faults/{slug}.py"
        )
    runner = evidence.runners.get(slug)
    if runner is None:
        return "not deployed: the stack has no alert rule for it"
    return why_not_fired(runner, evidence.tables, attack, evidence.dropped)


def _against_ordinary(
    slug: str, evidence: Evidence, pairs: Sequence[tuple[Alert, AlertEntry]]
) -> DetectionEntry:
    wrong = tuple(entry for _, entry in pairs if entry.slug == slug and entry.scenario is None)
    runner = evidence.runners.get(slug)
    broken = runner is not None and runner.failures
    reason = "a false alert: no attack explains it" if wrong else ""
    if broken and runner is not None:
        reason = f"the query cannot be run: {runner.failures[-1][1]}"
    return DetectionEntry(
        slug=slug,
        scenario=ORDINARY,
        expected="silent",
        alerts=wrong,
        verdict="fail" if reason else "pass",
        reason=reason,
    )


def _entries(evidence: Evidence) -> list[tuple[Alert, AlertEntry]]:
    attacks = [
        explained_by(
            alert,
            evidence.slug_of(alert),
            evidence.attacks,
            attack_rows.of(alert, evidence.tables),
        )
        for alert in evidence.alerts
    ]
    pairs = list(zip(evidence.alerts, attacks, strict=True))
    # How soon it was matters where a detection answers its own attack, and takes long to find.
    own = [
        (alert, attack.start)
        for alert, attack in pairs
        if attack is not None and attack.scenario.slug == evidence.slug_of(alert)
    ]
    found = dict(zip((id(alert) for alert, _ in own), crossings(own, evidence.tables), strict=True))
    return [
        (alert, _entry(alert, evidence, attack, found.get(id(alert)))) for alert, attack in pairs
    ]


def _entry(
    alert: Alert, evidence: Evidence, attack: Appearance | None, crossed: datetime | None
) -> AlertEntry:
    delivered = [each for each in alert.deliveries if _arrived(each)]
    first = min((each.at for each in delivered), default=None)
    return AlertEntry(
        slug=evidence.slug_of(alert),
        dimensions=dict(alert.dimensions),
        severity=alert.severity,
        fired_at=alert.fired_at,
        resolved_at=alert.resolved_at,
        value=alert.value,
        delivered=tuple(_delivery(each) for each in alert.deliveries),
        scenario=attack.scenario.slug if attack else None,
        latency_s=(alert.fired_at - crossed).total_seconds() if crossed else None,
        delivery_s=(first - crossed).total_seconds() if crossed and first else None,
        least_s=least_seconds(alert, crossed, evidence.ingestion_delay) if crossed else None,
    )


def _platform_entry(alert: FiredAlert, evidence: Evidence) -> AlertEntry:
    """Belongs to an attack that was under way in its window; its rule goes by its role."""
    role = role_of(alert)
    attack = explained_by(alert, role, evidence.attacks)
    return AlertEntry(
        slug=role,
        dimensions=dict(alert.dimensions),
        severity=alert.severity,
        fired_at=alert.fired_at,
        resolved_at=alert.resolved_at,
        value=alert.value,
        delivered=tuple(_delivery(each) for each in alert.deliveries),
        scenario=attack.scenario.slug if attack else None,
    )


def role_of(alert: FiredAlert) -> str:
    """What a rule of the platform is called in the stack, such as client-errors."""
    return alert.rule.custom_properties.get("alert") or alert.rule.name


def _arrived(delivery: Delivery) -> bool:
    return delivery.condition == "Fired" and delivery.status == "delivered"


def _delivery(delivery: Delivery) -> DeliveryEntry:
    return DeliveryEntry(
        delivery.kind, delivery.receiver, delivery.condition, delivery.at, delivery.status
    )
