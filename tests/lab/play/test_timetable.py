"""Who comes when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lab.play.fault import Fault
from lab.play.timetable import FIRST_ATTACK, PAUSE, timetable
from tests.support.evidence import START, scenario

SLUGS = ("one", "two", "three")


def test_ordinary_users_come_from_the_start() -> None:
    (found,) = timetable([scenario("office", intent="ordinary")], [], START, 1)
    assert (found.start, found.is_attack) == (START, False)


@pytest.mark.parametrize("hours", [0.5, 1, 24])
def test_attacks_begin_apart_and_end_within_the_hours(hours: float) -> None:
    attacks = [scenario(slug, times=(0, 400)) for slug in SLUGS]
    found = timetable([], attacks, START, hours)
    starts = [each.start for each in found]
    assert starts[0] == START + FIRST_ATTACK
    assert starts == sorted(set(starts))
    assert max(each.end for each in found) <= START + timedelta(hours=hours)
    assert starts[1] - starts[0] == starts[2] - starts[1]


def test_a_single_attack_comes_first() -> None:
    (found,) = timetable([], [scenario()], START, 1)
    assert found.start == START + FIRST_ATTACK


def test_an_attack_that_is_too_long_still_begins_after_the_first_minutes() -> None:
    found = timetable([], [scenario("a"), scenario("b", times=(0, 7200))], START, 1)
    assert found[1].start == START + FIRST_ATTACK


def test_a_scenario_ends_with_its_last_action() -> None:
    (found,) = timetable([scenario("office", times=(0, 90))], [], START, 1)
    assert found.end - found.start == timedelta(seconds=90)


def test_a_fault_that_wants_nobody_about_comes_when_everybody_has_gone() -> None:
    last = Fault("dark", "", ((0.0, print), (60.0, print)), after_traffic=True)
    again = replace(last, slug="darker")
    among = Fault("storm", "", ((0.0, print),))
    office = scenario("office", intent="ordinary", times=(0, 5000))
    found = timetable([office], [last, among, again], START, 1)
    starts = {each.scenario.slug: each.start for each in found}
    assert starts["storm"] == START + FIRST_ATTACK
    assert starts["dark"] == START + timedelta(seconds=5000) + PAUSE
    assert starts["darker"] == starts["dark"] + timedelta(minutes=1) + PAUSE
    assert [each.is_attack for each in found] == [False, True, True, True]
