"""What holds for every scenario, and what each one promises."""

from bisect import bisect_left
from collections import Counter, defaultdict
from ipaddress import ip_address, ip_network

import pytest

from traffic import addresses, catalogue, ordinary
from traffic.action import Action
from traffic.attacks import sql_injection_probe
from traffic.people import population
from traffic.scenario import Scenario
from traffic.visitor import Visitor

SEED = 7
PEOPLE = population(SEED, ordinary.PEOPLE)
RIGHT = {(person.username, person.password) for person in PEOPLE}
DOCUMENTATION = [
    ip_network(text)
    for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
KNOWN_PAGES = {"/", "/login", "/account", "/logout", "/health"}


def an_attack(slug: str, seed: int = SEED) -> Scenario:
    return catalogue.attack(slug, seed, PEOPLE)


def an_ordinary(kind: str, seed: int = SEED, hours: float = 1.0) -> Scenario:
    return catalogue.ordinary_kind(kind, seed, PEOPLE, hours)


def everything(seed: int = SEED) -> list[Scenario]:
    return catalogue.choose(catalogue.GROUPS, seed, PEOPLE)


def logins(scenario: Scenario) -> list[Action]:
    return [action for action in scenario.actions if action.kind == "login"]


def succeeds(action: Action) -> bool:
    return (action.username, action.password) in RIGHT


def most_within(times: list[float], seconds: float) -> int:
    """The largest number of sorted times inside any stretch of that length."""
    return max((bisect_left(times, at + seconds) - i for i, at in enumerate(times)), default=0)


def test_the_same_seed_gives_the_same_traffic_and_another_seed_another() -> None:
    assert everything() == everything()
    changed = {
        scenario.slug
        for scenario, other in zip(everything(), everything(SEED + 1), strict=True)
        if scenario != other
    }
    assert changed == {scenario.slug for scenario in everything()} - {"health_probe"}


def test_a_scenario_carries_the_name_of_its_file() -> None:
    named = {slug: an_attack(slug).slug for slug in catalogue.attack_slugs()}
    named |= {kind: an_ordinary(kind).slug for kind in catalogue.ordinary_kinds()}
    assert named == {name: name for name in named}


def test_every_ordinary_file_takes_part_in_the_whole() -> None:
    whole = [scenario.slug for scenario in ordinary.compose(SEED, PEOPLE)]
    assert sorted(whole) == list(catalogue.ordinary_kinds())


@pytest.mark.parametrize("seed", range(5))
def test_all_addresses_are_from_documentation_ranges(seed: int) -> None:
    used = {visitor.address for scenario in everything(seed) for visitor in scenario.visitors}
    used |= {
        visitor.forwarded_for
        for scenario in everything(seed)
        for visitor in scenario.visitors
        if visitor.forwarded_for
    }
    stray = [text for text in used if not any(ip_address(text) in net for net in DOCUMENTATION)]
    assert not stray
    assert len(used) > 100


@pytest.mark.parametrize("seed", range(5))
def test_attackers_and_ordinary_people_never_share_an_address(seed: int) -> None:
    by_intent: dict[str, set[str]] = defaultdict(set)
    for scenario in everything(seed):
        by_intent[scenario.intent] |= {visitor.address for visitor in scenario.visitors}
    assert not by_intent["attack"] & by_intent["ordinary"]
    assert by_intent["attack"]
    assert by_intent["ordinary"]


def test_every_attack_has_addresses_of_its_own() -> None:
    owners = Counter(
        source for slug in catalogue.attack_slugs() for source in an_attack(slug).sources
    )
    assert set(owners.values()) == {1}


def test_visitors_of_all_scenarios_together_have_distinct_keys() -> None:
    keys = Counter(visitor.key for scenario in everything() for visitor in scenario.visitors)
    assert [key for key, times in keys.items() if times > 1] == []
    assert len(keys) > 100


def test_sources_and_targets_are_those_of_the_actions() -> None:
    assert len(catalogue.attack_slugs()) > 20
    for slug in catalogue.attack_slugs():
        scenario = an_attack(slug)
        assert set(scenario.sources) == {visitor.address for visitor in scenario.visitors}, slug
        assert set(scenario.targets) == {action.username for action in logins(scenario)}, slug


def test_ordinary_scenarios_name_no_attacker_and_no_victim() -> None:
    wrong = [s.slug for s in ordinary.compose(SEED, PEOPLE) if s.sources or s.targets]
    assert not wrong
    assert ordinary.compose(SEED, PEOPLE)


def test_every_path_can_stand_in_a_request_line_as_it_is() -> None:
    paths = {action.path for scenario in everything() for action in scenario.actions}
    wrong = [p for p in paths if not p.startswith("/") or not p.isascii() or set(p) & set(" \r\n#")]
    assert not wrong
    assert len(paths) > 50


def test_passwords_are_not_shown_with_a_scenario() -> None:
    shown = repr(an_attack("success_after_failures")) + repr(an_ordinary("office"))
    assert not [person.password for person in PEOPLE if person.password in shown]
    assert "success_after_failures" in shown


@pytest.mark.parametrize("seed", range(10))
def test_an_ordinary_hour_has_two_thousand_requests_and_about_two_hundred_logins(seed: int) -> None:
    scenarios = ordinary.compose(seed, population(seed, ordinary.PEOPLE))
    assert sum(len(scenario.actions) for scenario in scenarios) >= 2000
    assert 150 <= sum(len(logins(scenario)) for scenario in scenarios) <= 250


@pytest.mark.parametrize("hours", [0.25, 1.0, 3.0])
def test_ordinary_traffic_ends_with_its_hours(hours: float) -> None:
    for scenario in ordinary.compose(SEED, PEOPLE, hours):
        assert scenario.duration_s < hours * 3600, scenario.slug
    latest = max(scenario.duration_s for scenario in ordinary.compose(SEED, PEOPLE, hours))
    assert latest > hours * 3600 - 300


def test_ordinary_traffic_makes_do_with_a_few_people() -> None:
    few = population(SEED, 3)
    used = {a.username for s in ordinary.compose(SEED, few) for a in s.actions if a.username}
    assert used == {person.username for person in few}


@pytest.mark.parametrize("seed", range(5))
def test_ordinary_failures_stay_well_below_every_attack(seed: int) -> None:
    by_pair, errors = Counter[tuple[str, str]](), defaultdict[str, list[float]](list)
    for scenario in ordinary.compose(seed, PEOPLE):
        for visitor, action in scenario.steps():
            failed = action.kind == "login" and not succeeds(action)
            if failed:
                by_pair[visitor.address, action.username] += 1
            if failed or action.path.split("?")[0] not in KNOWN_PAGES:
                errors[visitor.address].append(action.at)
    assert max(by_pair.values()) <= 4
    assert max(most_within(sorted(times), 300) for times in errors.values()) <= 20


def test_the_office_signs_in_behind_one_address_within_half_an_hour() -> None:
    office = an_ordinary("office")
    assert {visitor.address for visitor in office.visitors} == {addresses.OFFICE}
    tries: dict[str, list[bool]] = defaultdict(list)
    for action in logins(office):
        tries[action.visitor].append(succeeds(action))
    assert len(tries) == 40
    assert sum(found in ([False, True], [False, False, True]) for found in tries.values()) == 8
    gave_up = [found for found in tries.values() if True not in found]
    came_back = [found for found in tries.values() if found[:3] == [False] * 3 and found[-1]]
    assert (len(gave_up), len(came_back)) == (1, 1)
    first = {action.visitor: action.at for action in reversed(logins(office))}
    assert max(first.values()) < 31 * 60
    assert most_within([action.at for action in logins(office)], 60) < 30, "the app's limit"


def test_the_forgetful_fail_four_times_and_sign_in_later() -> None:
    tries: dict[str, list[Action]] = defaultdict(list)
    for action in logins(an_ordinary("forgetful")):
        tries[action.visitor].append(action)
    for found in tries.values():
        assert [succeeds(action) for action in found] == [False] * 4 + [True]
        assert found[4].at - found[3].at > 15 * 60
    assert tries


def test_a_phone_changes_its_address_and_keeps_its_cookies() -> None:
    phones: dict[str, list[Visitor]] = defaultdict(list)
    for visitor, _ in an_ordinary("mobile").steps():
        if visitor not in phones[visitor.jar]:
            phones[visitor.jar].append(visitor)
    assert len(phones) == 10
    assert all(len({one.address for one in seen}) == 2 for seen in phones.values())


def test_the_probe_asks_for_health_every_minute() -> None:
    actions = an_ordinary("health_probe", hours=0.5).actions
    assert [action.at for action in actions] == [60 * minute for minute in range(30)]
    assert {action.path for action in actions} == {"/health"}


def test_brute_force_from_one_address_does_not_get_in() -> None:
    scenario = an_attack("brute_force_from_one_address")
    assert len(scenario.sources) == 1
    assert len(scenario.targets) in range(2, 6)
    assert len(logins(scenario)) >= 60
    assert not [action for action in logins(scenario) if succeeds(action)]


def test_one_attacker_forges_the_address_of_a_victim() -> None:
    (attacker,) = an_attack("brute_force_from_one_address").visitors
    assert attacker.forwarded_for == addresses.OFFICE


@pytest.mark.parametrize("seed", range(5))
def test_brute_force_on_one_account_comes_from_thirty_addresses(seed: int) -> None:
    scenario = an_attack("brute_force_on_one_account", seed)
    tries = Counter(action.visitor for action in logins(scenario))
    assert len(scenario.targets) == 1
    assert len(set(scenario.sources)) == len(tries) >= 30
    assert {ip_address(source).version for source in scenario.sources} == {4, 6}
    assert set(tries.values()) <= {1, 2, 3}
    assert not [action for action in logins(scenario) if succeeds(action)]


def test_a_spray_tries_each_of_many_accounts_once_or_twice() -> None:
    scenario = an_attack("password_spray")
    tries = Counter(action.username for action in logins(scenario))
    existing = {person.username for person in PEOPLE}
    assert len(scenario.sources) == 1
    assert len(tries) >= 25
    assert set(tries.values()) <= {1, 2}
    assert set(tries) & existing
    assert set(tries) - existing


def test_a_spray_on_a_small_app_still_has_many_accounts() -> None:
    scenario = catalogue.attack("password_spray", SEED, population(SEED, 2))
    assert len(scenario.targets) >= 25


@pytest.mark.parametrize("seed", range(5))
def test_success_after_failures_gets_in_last_and_below_the_rate_limit(seed: int) -> None:
    tries = logins(an_attack("success_after_failures", seed))
    assert len({action.username for action in tries}) == 1
    assert [succeeds(action) for action in tries] == [False] * (len(tries) - 1) + [True]
    assert len(tries) >= 13
    assert most_within([action.at for action in tries], 60) <= 10, "a third of the app's limit"
    assert tries[-1].at < 10 * 60


def test_the_injection_probe_disguises_its_payloads_in_every_way() -> None:
    sent = {action.path for action in an_attack("sql_injection_probe").actions}
    for disguise in ("PERCENT_ENCODED", "DOUBLE_ENCODED", "MIXED_CASE", "COMMENTS_IN_KEYWORDS"):
        assert set(getattr(sql_injection_probe, disguise)) <= sent
    stems = {path.split("?")[0] for path in sent}
    assert {"/", "/login", "/account", "/search"} <= stems
    assert len(set(sql_injection_probe.PAYLOADS)) >= 20


@pytest.mark.parametrize("seed", range(5))
def test_the_error_burst_asks_for_eighty_missing_pages_in_five_minutes(seed: int) -> None:
    actions = an_attack("client_error_burst", seed).actions
    assert not KNOWN_PAGES & {action.path for action in actions}
    assert most_within([action.at for action in actions], 300) >= 80


@pytest.mark.parametrize("seed", range(5))
def test_stuffing_tries_each_pair_once_from_an_address_of_its_own(seed: int) -> None:
    scenario = an_attack("credential_stuffing", seed)
    tries = logins(scenario)
    assert len(tries) == len(set(scenario.sources)) == len(scenario.targets) >= 40
    assert sum(succeeds(action) for action in tries) == 1
    assert most_within([action.at for action in tries], 60) <= 6


def test_slow_guesses_are_minutes_apart_and_go_on_past_the_hour() -> None:
    times = [action.at for action in logins(an_attack("low_and_slow_guessing"))]
    assert most_within(times, 300) == 1
    assert times[-1] - times[0] >= 90 * 60


@pytest.mark.parametrize("seed", range(5))
def test_a_spray_that_gets_in_does_so_last(seed: int) -> None:
    tries = logins(an_attack("success_after_spray", seed))
    assert [succeeds(action) for action in tries] == [False] * (len(tries) - 1) + [True]
    assert len({action.username for action in tries}) == len(tries) >= 15


def test_enumeration_tries_names_that_do_not_exist() -> None:
    tries = logins(an_attack("user_enumeration"))
    existing = {person.username for person in PEOPLE}
    assert len({action.username for action in tries} - existing) >= 20
    assert {action.username for action in tries} & existing


ALICE = Visitor("alice", "192.0.2.1", "test")


@pytest.mark.parametrize(
    ("visitors", "actions", "message"),
    [
        ((ALICE, ALICE), (), "share a key"),
        ((ALICE,), (Action(0, "bob", "get"),), "unknown visitor bob"),
        ((ALICE,), (Action(5, "alice", "get"), Action(1, "alice", "get")), "out of order"),
        ((ALICE,), (Action(-1, "alice", "get"),), "out of order"),
    ],
)
def test_a_scenario_that_contradicts_itself_is_refused(
    visitors: tuple[Visitor, ...], actions: tuple[Action, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Scenario("odd", "ordinary", "", visitors, actions)
