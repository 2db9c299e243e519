"""Faults: each belongs to a detection, and comes out even."""

from components.content import detection
from lab.play import day_before, faults
from traffic import addresses, catalogue, ordinary, user_agents
from traffic.people import population

PEOPLE = population(0, ordinary.PEOPLE)


def test_a_fault_has_the_name_of_a_detection_and_no_attack_beside_it() -> None:
    slugs = set(faults.slugs())
    assert slugs <= detection.load_all().keys()
    assert not slugs & set(catalogue.attack_slugs())


def test_its_steps_are_in_the_order_of_their_time() -> None:
    assert len(faults.slugs()) > 5
    for slug in faults.slugs():
        made = faults.load(slug, 0, PEOPLE)
        times = [at for at, _ in made.steps]
        assert made.slug == slug
        assert made.description.endswith(".")
        assert times
        assert times == sorted(times)
        assert made.duration_s < 3600


def test_a_detection_that_is_learned_has_nothing_that_could_prove_it() -> None:
    learned = {slug for slug, each in detection.load_all().items() if each.is_dynamic}
    assert len(learned) == 2
    assert not learned & {*faults.slugs(), *catalogue.attack_slugs()}


def test_the_day_before_knows_people_at_home_and_not_the_office() -> None:
    known = day_before.signed_in(PEOPLE, 0)
    names = [username for _, username in known]
    assert len(names) == len(set(names)) >= 30
    assert not {visitor.address for visitor, _ in known} & {"198.51.100.20"}
    assert day_before.signed_in(PEOPLE, 0) == known


def test_the_day_before_knows_the_monitor_that_comes_every_ten_minutes() -> None:
    (visitor,) = [
        visitor
        for visitor, _ in day_before.signed_in(PEOPLE, 0)
        if visitor.address == addresses.UPTIME_MONITOR
    ]
    assert visitor.user_agent == user_agents.PYTHON_REQUESTS
