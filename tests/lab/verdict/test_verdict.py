"""The verdict: each detection against its attack and against ordinary users."""

from dataclasses import replace
from datetime import datetime, timedelta

from lab.azure.monitor.log_search.alert import Alert, Delivery
from lab.azure.monitor.metric.metric_rule import Criterion, MetricAlertFired, MetricRule
from lab.logs.log_tables import LogTables
from lab.report.model import DetectionEntry
from lab.verdict.verdict import Judgement, judge
from tests.support.evidence import ATTACKER, SLUG, START, attack, errors, evidence, rule, run

TIMES = tuple(range(0, 120, 10))


def told(alert: Alert, seconds: int = 5) -> Alert:
    """With a mail that arrived."""
    at = alert.fired_at + timedelta(seconds=seconds)
    alert.deliveries.append(
        Delivery("email", "soc", "soc@example.com", "Fired", at, "delivered", 1)
    )
    return alert


def judged(tables: LogTables, *, tell: bool = True) -> Judgement:
    runner, alerts = run(tables, rule())
    if tell:
        alerts = [told(each) for each in alerts]
    return judge(evidence(tables, [runner], alerts, [attack(times=TIMES)]), [SLUG])


def lines(found: Judgement) -> tuple[DetectionEntry, DetectionEntry]:
    fires, silent = found.detections
    assert (fires.expected, fires.scenario, silent.expected) == ("fires", SLUG, "silent")
    return fires, silent


def test_a_detection_that_fires_for_its_attack_only_passes_both(tables: LogTables) -> None:
    errors(tables, TIMES)
    fires, silent = lines(judged(tables))
    assert (fires.verdict, fires.reason, fires.fired) == ("pass", "", True)
    assert (silent.verdict, silent.reason, silent.fired) == ("pass", "", False)
    (alert,) = fires.alerts
    assert (alert.dimensions, alert.scenario) == ({"CIp": ATTACKER}, SLUG)


def test_latency_counts_from_the_crossing_event_to_the_alert_and_to_the_message(
    tables: LogTables,
) -> None:
    errors(tables, TIMES)
    (alert,) = judged(tables).alerts
    crossed = START + timedelta(seconds=40)
    assert alert.latency_s == (alert.fired_at - crossed).total_seconds() == 260
    assert (alert.delivery_s, alert.least_s) == (265, 260)


def test_an_alert_for_somebody_else_is_a_false_one(tables: LogTables) -> None:
    errors(tables, TIMES)
    errors(tables, range(9), address="198.51.100.4")
    found = judged(tables)
    fires, silent = lines(found)
    assert (fires.verdict, silent.verdict) == ("pass", "fail")
    assert silent.reason == "a false alert: no attack explains it"
    (wrong,) = found.false_alerts
    assert (wrong.dimensions, wrong.latency_s) == ({"CIp": "198.51.100.4"}, None)


def test_a_false_alert_does_not_stand_for_the_attack(tables: LogTables) -> None:
    errors(tables, range(9), address="198.51.100.4")
    fires, silent = lines(judged(tables))
    assert (fires.verdict, fires.fired, silent.verdict) == ("fail", False, "fail")
    assert "none for the attacker" in fires.reason


def test_an_alert_that_nobody_was_told_of_fails(tables: LogTables) -> None:
    errors(tables, TIMES)
    fires, _ = lines(judged(tables, tell=False))
    assert fires.verdict == "fail"
    assert fires.reason.startswith("fired, but not delivered")


def test_a_detection_without_a_rule_or_an_attack_fails(tables: LogTables) -> None:
    runner, _ = run(tables, rule())
    found = judge(evidence(tables, [runner], [], [attack(slug="other")]), [SLUG, "other"])
    reasons = {each.slug: each.reason for each in found.detections if each.expected == "fires"}
    assert reasons[SLUG].startswith("not attacked")
    assert reasons["other"].startswith("not deployed")


def test_a_query_that_cannot_be_run_is_not_taken_for_silence(tables: LogTables) -> None:
    errors(tables, TIMES)
    runner, _ = run(tables, rule(measure_column="Eror"))
    _, silent = lines(judge(evidence(tables, [runner], [], [attack()]), [SLUG]))
    assert silent.verdict == "fail"
    assert silent.reason.startswith("the query cannot be run")


def test_alerts_of_the_platforms_own_rules_go_by_their_name(tables: LogTables) -> None:
    errors(tables, TIMES)
    _, alerts = run(tables, rule("over-quota"))
    found = judge(evidence(tables, [], alerts, [attack(times=TIMES)]), [])
    assert [each.slug for each in found.alerts] == ["over-quota"]


def platform_alert(at: datetime) -> MetricAlertFired:
    """Of a rule that looks back five minutes."""
    window = timedelta(minutes=5)
    rule = MetricRule(
        id="/rules/errors-3fa2",
        name="errors-3fa2",
        scopes=("/sites/shop",),
        severity=3,
        frequency=timedelta(minutes=1),
        window=window,
        window_size="PT5M",
        conditions=(Criterion("Http4xx", "Total", "GreaterThan", 2),),
        condition_type="SingleResourceMultipleMetricCriteria",
        custom_properties={"alert": "client-errors"},
    )
    return MetricAlertFired(rule, {}, 9, at, at - window, at, values=(9.0,))


def with_platform(tables: LogTables, at: datetime) -> Judgement:
    runner, alerts = run(tables, rule())
    found = evidence(tables, [runner], [told(each) for each in alerts], [attack(times=TIMES)])
    return judge(replace(found, platform_alerts=[platform_alert(at)]), [SLUG])


def test_a_platform_alert_during_an_attack_is_reported_and_held_against_nobody(
    tables: LogTables,
) -> None:
    errors(tables, TIMES)
    found = with_platform(tables, START + timedelta(minutes=3))
    (entry,) = found.platform_alerts
    assert (entry.slug, entry.scenario, entry.severity) == ("client-errors", SLUG, 3)
    assert found.false_alerts == []
    assert "client-errors" not in {each.slug for each in found.alerts}
    assert [each.verdict for each in found.detections] == ["pass", "pass"]


def test_a_platform_alert_that_only_ordinary_users_explain_is_a_false_alert(
    tables: LogTables,
) -> None:
    errors(tables, TIMES)
    found = with_platform(tables, START + timedelta(minutes=30))
    assert [each.slug for each in found.false_alerts] == ["client-errors"]
    assert [each.verdict for each in found.detections] == ["pass", "pass"]
