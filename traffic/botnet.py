"""Many machines of one attacker, each in a network of its own."""

from collections.abc import Sequence
from ipaddress import IPv6Network

from traffic import addresses
from traffic.visitor import Visitor


def bots(
    slug: str,
    first_customer: int,
    agents: Sequence[str],
    network: IPv6Network = addresses.ATTACKERS_V6,
) -> tuple[Visitor, ...]:
    """A bot for each user agent; the /64s count from `first_customer`, each attack has its own."""
    return tuple(
        Visitor(
            f"{slug}-{number:02}",
            addresses.in_v6(network, first_customer + number, host=0xB07),
            agent,
        )
        for number, agent in enumerate(agents)
    )
