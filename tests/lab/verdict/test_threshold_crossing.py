"""The event that crossed the threshold, and the soonest possible alert."""

from datetime import timedelta

import pytest

from lab.logs.log_tables import LogTables
from lab.verdict.threshold_crossing import crossing, least_seconds
from tests.support.evidence import ATTACKER, DELAY, ERRORS, START, alert, errors, rule, run


def test_the_crossing_is_the_event_that_made_the_threshold_full(tables: LogTables) -> None:
    errors(tables, range(0, 120, 10))
    _, (fired, *_) = run(tables, rule(threshold=5))
    assert crossing(fired, tables, START) == START + timedelta(seconds=40)


def test_events_of_others_do_not_cross_for_the_attacker(tables: LogTables) -> None:
    errors(tables, range(0, 40, 1), address="198.51.100.9")
    errors(tables, range(0, 120, 10))
    _, alerts = run(tables, rule(threshold=5))
    (fired,) = [each for each in alerts if each.dimensions == {"CIp": ATTACKER}]
    assert crossing(fired, tables, START) == START + timedelta(seconds=40)


def test_an_alert_that_the_attack_never_caused_has_no_crossing(tables: LogTables) -> None:
    assert crossing(alert(rule(), 10, CIp=ATTACKER), tables, START) is None
    errors(tables, range(0, 30, 10))
    assert crossing(alert(rule(), 10, CIp=ATTACKER), tables, START) is None


def test_what_was_there_before_the_attack_is_not_its_crossing(tables: LogTables) -> None:
    errors(tables, range(0, 120, 10))
    _, (fired, *_) = run(tables, rule(threshold=5))
    attacked = START + timedelta(seconds=70)
    assert crossing(fired, tables, attacked) == attacked


def test_a_row_of_somebody_else_can_be_the_one_that_crosses(tables: LogTables) -> None:
    whole_app = rule(query=f"{ERRORS} | summarize Errors = sum(Errors)", dimensions=())
    errors(tables, range(0, 40, 10))
    errors(tables, [55], address="198.51.100.9")
    errors(tables, [200])
    _, (fired, *_) = run(tables, whole_app)
    assert crossing(fired, tables, START) == START + timedelta(seconds=55)
    assert fired.fired_at == START + timedelta(minutes=5)


def test_a_row_that_had_not_arrived_is_no_crossing(tables: LogTables) -> None:
    errors(tables, range(0, 40, 10))
    errors(tables, [295], delay=timedelta(0))
    errors(tables, [100], delay=timedelta(minutes=9))
    _, (fired, *_) = run(tables, rule(threshold=5))
    assert crossing(fired, tables, START) == START + timedelta(seconds=295)


def test_a_rule_that_cannot_be_evaluated_has_no_crossing(tables: LogTables) -> None:
    fired = alert(rule(measure_column="Eror"), 10, CIp=ATTACKER)
    assert crossing(fired, tables, START) is None


@pytest.mark.parametrize(
    ("crossed", "least"),
    [
        (0, 300),  # seen at 180 s, evaluated at 300 s
        (120, 180),  # seen at the very tick
        (121, 479),  # a second too late for that tick
    ],
)
def test_the_least_is_the_delay_and_the_wait_for_the_next_evaluation(
    crossed: int, least: int
) -> None:
    fired = alert(rule(), 30, CIp=ATTACKER)
    assert least_seconds(fired, START + timedelta(seconds=crossed), DELAY) == least


def test_an_alert_at_its_first_chance_is_as_soon_as_possible(tables: LogTables) -> None:
    errors(tables, range(0, 120, 10))
    _, (fired, *_) = run(tables, rule())
    crossed = crossing(fired, tables, START)
    assert crossed is not None
    latency = (fired.fired_at - crossed).total_seconds()
    assert latency == least_seconds(fired, crossed, DELAY)
