"""Whose alert is it: the attack that explains it, or nobody's."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence

from lab.azure.monitor.notify.fired_alert import FiredAlert
from lab.play.timetable import Appearance

Wrote = Callable[[Appearance], int]
"""How many rows an attack wrote into what an alert's rule reads."""


def explained_by(
    alert: FiredAlert, slug: str, attacks: Sequence[Appearance], wrote: Wrote | None = None
) -> Appearance | None:
    """The attack whose address or account the alert names; its own attack before others.

    An alert without dimensions names nobody: it belongs to an attack that was under way in its
    window. Of several it is its own, else the one that `wrote` most, else the first. What was
    written only chooses among them: it never explains an alert that nothing under way does.
    """
    begun = [attack for attack in attacks if attack.start <= alert.fired_at]
    if not alert.dimensions:
        under_way = [attack for attack in begun if _overlaps(alert, attack)]
        own = [attack for attack in under_way if attack.scenario.slug == slug]
        if own or len(under_way) < 2 or wrote is None:
            return next(iter(own or under_way), None)
        return max(under_way, key=wrote)
    own_first = sorted(begun, key=lambda attack: attack.scenario.slug != slug)
    named = (attack for attack in own_first if names_somebody_of(alert.dimensions, attack))
    return next(named, None)


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
