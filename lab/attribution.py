"""Whose alert is it: the attack that explains it, or nobody's."""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from lab.azure.monitor.fired_alert import FiredAlert
from lab.timetable import Appearance


def explained_by(alert: FiredAlert, slug: str, attacks: Sequence[Appearance]) -> Appearance | None:
    """The attack whose address or account the alert names; its own attack before others.

    An alert without dimensions names nobody: it belongs to an attack that was under way in its
    window.
    """
    own_first = sorted(attacks, key=lambda attack: attack.scenario.slug != slug)
    for attack in own_first:
        if alert.fired_at < attack.start:
            continue
        if not alert.dimensions and _overlaps(alert, attack):
            return attack
        if names_somebody_of(alert.dimensions, attack):
            return attack
    return None


def names_somebody_of(dimensions: Mapping[str, str], attack: Appearance) -> bool:
    """Whether a dimension value is one of the attack's addresses (or their network) or accounts."""
    accounts = {account.strip().lower() for account in attack.scenario.targets}
    return any(
        value.strip().lower() in accounts or _covers(value, attack.scenario.sources)
        for value in dimensions.values()
    )


def _overlaps(alert: FiredAlert, attack: Appearance) -> bool:
    return alert.window_start <= attack.end and attack.start <= alert.window_end


def _covers(value: str, addresses: Iterable[str]) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return any(ipaddress.ip_address(address) in network for address in addresses)
