"""Whose alert it is."""

from datetime import timedelta

import pytest

from components.content import kql_function
from lab.logs import login_lines
from lab.logs.log_tables import LogTables
from lab.verdict import attack_rows
from lab.verdict.attribution import explained_by
from lab.verdict.verdict import judge
from tests.support.evidence import (
    ACCOUNT,
    ATTACKER,
    DELAY,
    SLUG,
    START,
    alert,
    attack,
    errors,
    evidence,
    rule,
    run,
)


@pytest.mark.parametrize(
    "dimensions",
    [
        {"CIp": ATTACKER},
        {"TargetUsername": ACCOUNT},
        {"TargetUsername": f" {ACCOUNT.upper()} "},
        {"Address": "2001:db8:1:2::/64"},
        {"TargetUsername": "somebody.else", "SrcIpAddr": ATTACKER},
    ],
)
def test_an_alert_that_names_the_attacker_or_the_attacked_is_the_attacks(
    dimensions: dict[str, str],
) -> None:
    known = attack(sources=(ATTACKER, "2001:db8:1:2::9"), targets=(ACCOUNT,))
    assert explained_by(alert(rule(), 10, **dimensions), SLUG, [known]) is known


@pytest.mark.parametrize(
    "dimensions",
    [
        {"CIp": "198.51.100.4"},
        {"CIp": "203.0.113.70"},
        {"TargetUsername": "ana"},
        {"Address": "2001:db8:1:3::/64"},
        {"CIp": ""},
    ],
)
def test_an_alert_that_names_somebody_else_is_nobodys(dimensions: dict[str, str]) -> None:
    known = attack(sources=(ATTACKER, "2001:db8:1:2::9"), targets=(ACCOUNT,))
    assert explained_by(alert(rule(), 10, **dimensions), SLUG, [known]) is None


def test_an_alert_before_the_attack_is_not_its_doing() -> None:
    later = attack(START + timedelta(minutes=30))
    assert explained_by(alert(rule(), 10, CIp=ATTACKER), SLUG, [later]) is None


def test_the_detections_own_attack_goes_before_others_of_the_same_address() -> None:
    other, own = attack(slug="other"), attack()
    assert explained_by(alert(rule(), 10, CIp=ATTACKER), SLUG, [other, own]) is own


def test_an_alert_of_the_whole_app_belongs_to_an_attack_in_its_window() -> None:
    known = attack(times=(0, 60))
    assert explained_by(alert(rule(), 5), SLUG, [known]) is known
    assert explained_by(alert(rule(), 40), SLUG, [known]) is None


def test_the_edges_of_an_attack_and_of_a_window_belong_to_both() -> None:
    """One that ends as the window begins is under way in it, and one that begins at its end."""
    fired = alert(rule(), 10)
    at_the_start = attack(fired.window_start - timedelta(minutes=1), times=(0, 60))
    before = attack(fired.window_start - timedelta(minutes=1), times=(0, 59))
    assert explained_by(fired, SLUG, [at_the_start]) is at_the_start
    assert explained_by(fired, SLUG, [before]) is None
    at_the_end = attack(fired.window_end, times=(0, 60))
    after = attack(fired.fired_at + timedelta(seconds=1), times=(0, 60))
    assert explained_by(fired, SLUG, [at_the_end]) is at_the_end
    assert explained_by(fired, SLUG, [after]) is None
    named = alert(rule(), 10, CIp=ATTACKER)
    assert explained_by(named, SLUG, [attack(named.fired_at)]) is not None


PROBER, GUESSER = "203.0.113.8", "203.0.113.9"
TIMES = tuple(range(0, 120, 10))
LOGINS = "LoginEvents | summarize Errors = countif(EventResult == 'Failure')"
WHOLE = "AppServiceHTTPLogs | summarize Errors = countif(ScStatus >= 400)"


def sign_ins(tables: LogTables, address: str) -> None:
    """A wrong password every ten seconds, in the front end's log and as login events."""
    errors(tables, TIMES, address, status=200)
    moments = [START + timedelta(seconds=each) for each in TIMES]
    event = {"EventType": "Logon", "EventResult": "Failure", "SrcIpAddr": address}
    for when, line in zip(
        moments, login_lines.lines([(each, event) for each in moments]), strict=True
    ):
        row = {"TimeGenerated": when, "ResultDescription": line}
        tables.write("AppServiceConsoleLogs", [row], when + DELAY)


def logins_rule() -> str:
    return f"{kql_function.load_all()['LoginEvents'].as_let()}\n{LOGINS}"


def test_an_alert_of_the_whole_app_goes_to_who_wrote_what_its_rule_reads(
    tables: LogTables,
) -> None:
    prober = attack(slug="prober", sources=(PROBER,), times=TIMES)
    guesser = attack(slug="guesser", sources=(GUESSER,), times=TIMES)
    errors(tables, range(100), PROBER)
    sign_ins(tables, GUESSER)
    both = [prober, guesser]
    logins = alert(rule(query=logins_rule(), dimensions=()), 10)
    assert explained_by(logins, SLUG, both) is prober, "without rows, the first under way"
    assert explained_by(logins, SLUG, both, attack_rows.of(logins, tables)) is guesser
    requests = alert(rule(query=WHOLE, dimensions=()), 10)
    assert explained_by(requests, SLUG, both[::-1], attack_rows.of(requests, tables)) is prober


def test_its_own_attack_goes_before_one_that_wrote_more(tables: LogTables) -> None:
    own, loud = attack(times=TIMES), attack(slug="loud", sources=(PROBER,), times=TIMES)
    errors(tables, range(100), PROBER)
    found = alert(rule(query=WHOLE, dimensions=()), 10)
    assert explained_by(found, SLUG, [loud, own], attack_rows.of(found, tables)) is own


def test_rows_choose_among_those_under_way_and_excuse_no_other_alert(tables: LogTables) -> None:
    over = attack(START - timedelta(hours=1), slug="over", sources=(PROBER,), times=TIMES)
    later = attack(START + timedelta(minutes=30), slug="later", sources=(PROBER,), times=TIMES)
    silent = [attack(slug=each, sources=(GUESSER,)) for each in ("first", "second")]
    errors(tables, range(100), PROBER)
    found = alert(rule(query=WHOLE, dimensions=()), 10)
    wrote = attack_rows.of(found, tables)
    assert explained_by(found, SLUG, [over, later], wrote) is None
    assert explained_by(found, SLUG, [over, later, *silent], wrote) is silent[0]
    named = alert(rule(), 10, CIp="198.51.100.4")
    assert explained_by(named, SLUG, silent, attack_rows.of(named, tables)) is None


def test_the_verdict_credits_who_wrote_and_fails_what_nobody_explains(tables: LogTables) -> None:
    prober = attack(slug="prober", sources=(PROBER,), times=TIMES)
    guesser = attack(slug="guesser", sources=(GUESSER,), times=TIMES)
    sign_ins(tables, GUESSER)
    runner, alerts = run(tables, rule(query=logins_rule(), dimensions=()))
    found = judge(evidence(tables, [runner], alerts, [prober, guesser]), [SLUG])
    assert [each.scenario for each in found.alerts] == ["guesser"]
    assert not found.false_alerts
    alone = judge(evidence(tables, [runner], alerts, []), [SLUG])
    assert [each.scenario for each in alone.alerts] == [None]
    assert len(alone.false_alerts) == 1
