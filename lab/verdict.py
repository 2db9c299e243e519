"""Every detection held against its attack and against ordinary users."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from lab.attribution import explained_by
from lab.azure.log_tables import LogTables
from lab.azure.monitor.alert import Alert, Delivery
from lab.azure.monitor.alert_state import AlertRuleRunner
from lab.broken_hop import why_not_delivered, why_not_fired
from lab.crossing import crossing, least_seconds
from lab.report.model import AlertEntry, DeliveryEntry, DetectionEntry
from lab.timetable import Appearance

ORDINARY = "ordinary"


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

    def slug_of(self, alert: Alert) -> str:
        """Rules that are no detections (the platform's own) go by their name."""
        by_rule = {runner.rule.id: slug for slug, runner in self.runners.items()}
        return by_rule.get(alert.rule.id, alert.rule.name)


@dataclass(frozen=True)
class Judgement:
    """The verdict and the alerts it rests on."""

    detections: list[DetectionEntry]
    alerts: list[AlertEntry]

    @property
    def false_alerts(self) -> list[AlertEntry]:
        return [alert for alert in self.alerts if alert.scenario is None]


def judge(evidence: Evidence, slugs: Sequence[str]) -> Judgement:
    """Two lines for each slug: it must fire for its attack, and be silent for ordinary users."""
    pairs = [(alert, _entry(alert, evidence)) for alert in evidence.alerts]
    pairs.sort(
        key=lambda pair: (pair[1].fired_at, pair[1].slug, sorted(pair[1].dimensions.items()))
    )
    detections = [_against_attack(slug, evidence, pairs) for slug in slugs]
    detections += [_against_ordinary(slug, evidence, pairs) for slug in slugs]
    return Judgement(detections, [entry for _, entry in pairs])


def _against_attack(
    slug: str, evidence: Evidence, pairs: Sequence[tuple[Alert, AlertEntry]]
) -> DetectionEntry:
    own = [pair for pair in pairs if pair[1].slug == slug and pair[1].scenario == slug]
    reason = _reason(slug, evidence, [alert for alert, _ in own])
    return DetectionEntry(
        slug=slug,
        scenario=slug,
        expected="fires",
        alerts=tuple(entry for _, entry in own),
        verdict="fail" if reason else "pass",
        reason=reason,
    )


def _reason(slug: str, evidence: Evidence, fired: Sequence[Alert]) -> str:
    if fired:
        return why_not_delivered(fired)
    attack = next((each for each in evidence.attacks if each.scenario.slug == slug), None)
    if attack is None:
        return f"not attacked; expected a scenario in traffic/attacks/{slug}.py"
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


def _entry(alert: Alert, evidence: Evidence) -> AlertEntry:
    slug = evidence.slug_of(alert)
    attack = explained_by(alert, slug, evidence.attacks)
    crossed = crossing(alert, evidence.tables, attack.start) if attack is not None else None
    delivered = [each for each in alert.deliveries if _arrived(each)]
    first = min((each.at for each in delivered), default=None)
    return AlertEntry(
        slug=slug,
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


def _arrived(delivery: Delivery) -> bool:
    return delivery.condition == "Fired" and delivery.status == "delivered"


def _delivery(delivery: Delivery) -> DeliveryEntry:
    return DeliveryEntry(
        delivery.kind, delivery.receiver, delivery.condition, delivery.at, delivery.status
    )
