"""Ordinary people and machines: traffic that must not raise an alert."""

from collections.abc import Sequence

from traffic.ordinary import (
    crawler,
    foreign_page,
    forgetful,
    health_probe,
    home_users,
    mobile,
    office,
    searchers,
    uptime_monitor,
)
from traffic.people import Person, share
from traffic.scenario import Scenario

PEOPLE = (
    office.STAFF
    + home_users.HOUSEHOLDS
    + forgetful.PEOPLE
    + mobile.TRAVELLERS
    + uptime_monitor.ACCOUNTS
    + foreign_page.VISITORS
)
"""How many people `compose` employs; with fewer, several visitors use one account."""

# Who is who, in the order in which people are handed out.
_SHARES = (
    (office, office.STAFF),
    (home_users, home_users.HOUSEHOLDS),
    (forgetful, forgetful.PEOPLE),
    (mobile, mobile.TRAVELLERS),
    (uptime_monitor, uptime_monitor.ACCOUNTS),
    (searchers, 1),
    (foreign_page, foreign_page.VISITORS),
    (crawler, 1),
    (health_probe, 1),
)


def compose(seed: int, people: Sequence[Person], hours: float = 1.0) -> list[Scenario]:
    """Every ordinary kind for `hours` from one start, each with its own share of the people."""
    scenarios, start = [], 0
    for kind, count in _SHARES:
        scenarios.append(kind.scenario(seed, share(people, start, count), hours))
        start += count
    return scenarios
