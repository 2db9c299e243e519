"""When the cases are evaluated: at the ticks that see other rows than the tick before."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from components.content import detection as detections
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.cases.case_file import Case
from lab.cases.case_pattern import HTTP, CaseRow
from lab.trial.case_trial import CaseTrial

SLUG = "client_error_burst"
MINUTES = st.integers(min_value=0, max_value=120).map(lambda many: timedelta(minutes=many))
LATER = st.integers(min_value=121, max_value=300).map(lambda many: timedelta(minutes=many))
ROWS = st.lists(
    st.builds(CaseRow, MINUTES, MINUTES, st.just(HTTP), st.just({"CsUriStem": "/"})),
    min_size=1,
    max_size=6,
)
CASES = st.builds(
    Case,
    st.just(SLUG),
    st.just("silent_rows"),
    st.just("here"),
    st.just(False),
    ROWS,
    judged=st.none() | st.tuples(MINUTES, LATER),
)


def by_definition(rule: AlertRule, case: Case, first: datetime, start: datetime) -> list[datetime]:
    """The first tick, and every later one that sees other rows, until there is nothing to see."""
    end = start + (case.judged[1] if case.judged else max(r.offset for r in case.rows))
    end += timedelta(0) if case.judged else rule.lookback
    found, before, now = [], None, first
    while now <= end:
        seen = [
            now - rule.lookback < start + row.offset <= now
            and start + row.offset + row.delay <= now
            for row in case.rows
        ]
        if seen != before:
            found.append(now)
        before, now = seen, now + rule.frequency
    return found


@settings(max_examples=8, deadline=None)
@given(cases=st.lists(CASES, min_size=5, max_size=10))
def test_a_tick_is_evaluated_when_it_sees_other_rows_than_the_tick_before(
    cases: list[Case],
) -> None:
    assert cases
    rule = AlertRule.from_detection(detections.load(SLUG))
    trial = CaseTrial([(case, list(case.rows)) for case in cases])
    try:
        for number, case in enumerate(cases):
            moments = trial.moments(rule, number)
            expected = by_definition(rule, case, moments[0], trial.start(number))
            assert moments == expected
    finally:
        trial.close()
