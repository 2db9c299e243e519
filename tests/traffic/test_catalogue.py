"""Choosing scenarios by name."""

import pytest

from components.limits.refusal import RefusedError
from traffic import catalogue, ordinary
from traffic.people import Person, population

SEED = 7
PEOPLE = population(SEED, ordinary.PEOPLE)


def test_an_unknown_scenario_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RefusedError, match="nearest is password_spray"):
        catalogue.choose(["pasword_spry"], SEED, PEOPLE)


def test_a_scenario_chosen_twice_is_sent_once() -> None:
    chosen = catalogue.choose(["office", "ordinary", "office"], SEED, PEOPLE)
    assert sorted(scenario.slug for scenario in chosen) == list(catalogue.ordinary_kinds())


def test_without_people_there_is_no_traffic() -> None:
    nobody: list[Person] = []
    with pytest.raises(RefusedError, match="at least one person"):
        catalogue.attack("password_spray", SEED, nobody)
