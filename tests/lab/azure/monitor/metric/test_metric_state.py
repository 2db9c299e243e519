"""When a metric alert fires and when it resolves, evaluation by evaluation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lab.azure.monitor.metric.metric_rule import Criterion, MetricRule
from lab.azure.monitor.metric.metric_state import STATELESS_PAUSE, MetricRuleRunner
from lab.azure.monitor.notify.fired_alert import Condition, FiredAlert

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULE = MetricRule(
    id="/rules/errors",
    name="errors",
    scopes=("/sites/shop",),
    severity=2,
    frequency=MINUTE,
    window=5 * MINUTE,
    window_size="PT5M",
    conditions=(Criterion("Http4xx", "Total", "GreaterThan", 2),),
    condition_type="SingleResourceMultipleMetricCriteria",
)


def history(rule: MetricRule, values: Sequence[float | None]) -> list[tuple[int, Condition]]:
    """Minute and condition of everything that is emitted."""
    seen: list[tuple[int, Condition]] = []
    moments = [T0 + number * MINUTE for number in range(len(values))]
    by_moment = dict(zip(moments, values, strict=True))

    def emit(alert: FiredAlert, condition: Condition) -> None:
        seen.append((moments.index(now), condition))

    runner = MetricRuleRunner(rule, lambda _condition, _start, end: by_moment[end], emit)
    for now in moments:
        runner.tick(now)
    return seen


def test_it_fires_once_and_resolves_after_three_healthy_evaluations() -> None:
    assert history(RULE, [0, 3, 4, 3, 0, 0, 0, 0]) == [(1, "Fired"), (6, "Resolved")]


def test_the_threshold_itself_is_not_beyond_it() -> None:
    assert history(RULE, [2, 2, 2]) == []
    assert history(RULE, [2, 2, 2.1])


def test_a_relapse_starts_the_count_of_healthy_evaluations_anew() -> None:
    assert history(RULE, [3, 0, 0, 3, 0, 0, 0]) == [(0, "Fired"), (6, "Resolved")]


def test_where_there_is_no_data_nothing_changes() -> None:
    assert history(RULE, [3, None, None, None, 0, 0, None, 0]) == [(0, "Fired"), (7, "Resolved")]


def test_after_it_resolved_it_can_fire_again() -> None:
    assert history(RULE, [3, 0, 0, 0, 3]) == [(0, "Fired"), (3, "Resolved"), (4, "Fired")]


def test_a_stateless_rule_says_it_again_every_five_minutes_and_never_resolves() -> None:
    rule = replace(RULE, auto_mitigate=False)
    assert history(rule, [3.0] * 7 + [0.0] * 4) == [(0, "Fired"), (5, "Fired")]


def test_a_disabled_rule_is_silent() -> None:
    assert history(replace(RULE, enabled=False), [9, 9]) == []
    assert history(RULE, [9, 9])


def test_every_criterion_has_to_be_met() -> None:
    both = replace(
        RULE,
        conditions=(
            Criterion("Http4xx", "Total", "GreaterThan", 2),
            Criterion("Requests", "Total", "LessThan", 3),
        ),
    )
    assert history(both, [3]) == [], "3 is more than 2, but not less than 3"
    assert history(both, [2.5]) == [(0, "Fired")]


def test_an_evaluation_reads_the_window_that_ends_now() -> None:
    asked: list[tuple[datetime, datetime]] = []
    told: list[FiredAlert] = []

    def read(_condition: object, start: datetime, end: datetime) -> float:
        asked.append((start, end))
        return 9

    runner = MetricRuleRunner(RULE, read, lambda alert, _condition: told.append(alert))
    runner.tick(T0)
    assert asked == [(T0 - 5 * MINUTE, T0)]
    assert [(alert.window_start, alert.window_end) for alert in told] == asked
    assert runner.evaluations == 1


def test_a_stateless_rule_is_silent_until_its_pause_is_over_to_the_second() -> None:
    stateless = replace(RULE, auto_mitigate=False)
    fired: list[datetime] = []
    runner = MetricRuleRunner(
        stateless, lambda *_: 9.0, lambda alert, _condition: fired.append(alert.fired_at)
    )
    for after in (timedelta(0), STATELESS_PAUSE - timedelta(seconds=1), STATELESS_PAUSE):
        runner.tick(T0 + after)
    assert fired == [T0, T0 + STATELESS_PAUSE]
