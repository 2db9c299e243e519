# `make docs` makes this file of app_src/login_app/client_address.py.
"""Who knocks: the hop of X-Forwarded-For that can be believed, without its port. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

MAX_HOPS = 5
"""How many elements are looked at, from the right: more proxies than any site has in a row."""

CUSTOMER_PREFIX = 64
SITE_PREFIX = 48
"""What one customer of an IPv6 provider gets at least, and often."""


@dataclass(frozen=True)
class ClientAddress:
    """An address in its one normal spelling, and the port where it is known."""

    address: str | None
    port: int | None = None


def client_address(
    forwarded_for: str | None,
    *,
    peer: str | None,
    peer_port: str | int | None = None,
    trusted_proxies: Sequence[Network] = (),
) -> ClientAddress:
    """The client of a request.

    App Service's front end appends `address:port` to whatever the client wrote, so only the last
    element can be believed. Where that is one of the trusted proxies, which append in turn, the
    element left of it counts, and so on. One that is no address was written by nobody who can be
    trusted: then the hop right of it counts, or the peer, never an element further left.
    """
    believed = ClientAddress(_normal(peer or ""), _port_number(peer_port))
    for hop in reversed((forwarded_for or "").rsplit(",", MAX_HOPS)[-MAX_HOPS:]):
        address, port = _split(hop.strip())
        normal = _normal(address)
        if normal is None:
            break
        believed = ClientAddress(normal, _port_number(port))
        if not any(ip_address(normal) in network for network in trusted_proxies):
            break
    return believed


def network_of(address: str | None) -> str:
    """What an attacker has to pay for: an IPv4 address, an IPv6 /64; one name for "unknown"."""
    return _network(address, CUSTOMER_PREFIX)


def site_of(address: str | None) -> str | None:
    """The /48 around an IPv6 address; None for IPv4, where nobody gets neighbours for nothing."""
    return _network(address, SITE_PREFIX) if address and ":" in address else None


def _network(address: str | None, prefix: int) -> str:
    if not address or ":" not in address:
        return address or "unknown"
    return str(ip_network(f"{address}/{prefix}", strict=False))


def _split(hop: str) -> tuple[str, str]:
    if hop.startswith("["):
        address, _, rest = hop[1:].partition("]")
        return address, rest.removeprefix(":")
    if hop.count(":") == 1:
        address, _, port = hop.partition(":")
        return address, port
    return hop, ""


def _normal(text: str) -> str | None:
    try:
        # A zone (`fe80::1%eth0`) is free text, and means something on the sender's side only.
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)


def _port_number(text: str | int | None) -> int | None:
    digits = str(text)
    if digits.isascii() and digits.isdigit() and len(digits) <= 5 and 0 < int(digits) < 65536:
        return int(digits)
    return None
