"""An attack that the app itself stops is no failure of the detection that waits for its success."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from lab.logs.log_tables import LogTables
from lab.play.timetable import Appearance
from lab.verdict.kept_out import why_kept_out
from lab.verdict.verdict import judge
from tests.support.evidence import ACCOUNT, ATTACKER, DELAY, START, evidence, rule, run
from traffic.action import Action
from traffic.scenario import Scenario
from traffic.visitor import Visitor

SLUG, RIGHT = "success_after_failures", "right horse"
PASSWORDS = {ACCOUNT: RIGHT}
WRONG, LOCKED = "Incorrect password", "User locked"


def guessing(last: str = RIGHT) -> Appearance:
    """Seven tries of one account, a minute apart."""
    tries = [*(f"guess {number}" for number in range(6)), last]
    actions = tuple(
        Action(60.0 * number, SLUG, "login", "/login", ACCOUNT, password, "POST")
        for number, password in enumerate(tries)
    )
    visitor = Visitor(SLUG, ATTACKER, "tool/1.0")
    found = Scenario(SLUG, "attack", SLUG, (visitor,), actions, (ATTACKER,), (ACCOUNT,))
    return Appearance(found, START)


def events(tables: LogTables, details: Sequence[str], address: str = ATTACKER) -> None:
    """One event a minute, as the app writes them; '' for a success."""
    for number, each in enumerate(details):
        when = START + timedelta(minutes=number)
        limited = {"EventOriginalResultDetails": "RateLimited"} if each == "RateLimited" else {}
        line = {
            "EventSchema": "Authentication",
            "EventType": "Logon",
            "EventResult": "Failure" if each else "Success",
            "EventResultDetails": "Logon violates policy" if limited else each,
            "TargetUsername": ACCOUNT,
            "SrcIpAddr": address,
            "EventOriginalUid": f"{address} {number}",
            **limited,
        }
        row = {"TimeGenerated": when, "ResultDescription": json.dumps(line)}
        tables.write("AppServiceConsoleLogs", [row], when + DELAY)


@pytest.mark.parametrize("word", [LOCKED, "RateLimited"])
def test_whoever_is_turned_away_before_the_right_password_was_stopped(
    tables: LogTables, word: str
) -> None:
    events(tables, [WRONG] * 5 + [word] * 2)
    assert why_kept_out(guessing(), tables, PASSWORDS) == (
        f"the app stopped the attack: after 5 tries it turned 2 away ({word}), and nobody got in"
    )


def test_whoever_got_in_was_not_stopped(tables: LogTables) -> None:
    events(tables, [*[WRONG] * 4, LOCKED, WRONG, ""])
    assert why_kept_out(guessing(), tables, PASSWORDS) == ""


def test_a_sign_in_that_is_broken_is_no_excuse(tables: LogTables) -> None:
    events(tables, [WRONG] * 7)
    assert why_kept_out(guessing(), tables, PASSWORDS) == ""


def test_an_attack_that_never_knew_a_password_has_no_excuse(tables: LogTables) -> None:
    events(tables, [WRONG] * 5 + [LOCKED] * 2)
    assert why_kept_out(guessing(last="one more guess"), tables, PASSWORDS) == ""


def test_what_happened_to_others_is_no_excuse(tables: LogTables) -> None:
    events(tables, [LOCKED] * 7, address="198.51.100.4")
    assert why_kept_out(guessing(), tables, PASSWORDS) == ""


def test_the_verdict_says_so_by_name(tables: LogTables) -> None:
    events(tables, [WRONG] * 5 + [LOCKED] * 2)
    runner, alerts = run(tables, rule(SLUG))
    left = evidence(tables, [runner], alerts, [guessing()])
    stopped, silent = judge(replace(left, passwords=PASSWORDS), [SLUG]).detections
    assert (stopped.slug, stopped.verdict) == (SLUG, "not rehearsed")
    assert stopped.reason.startswith("the app stopped the attack: after 5 tries")
    assert silent.verdict == "pass"
    failed, _ = judge(left, [SLUG]).detections
    assert failed.verdict == "fail", "without knowing what was right nothing is excused"
