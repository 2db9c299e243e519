"""Who knocks: the last hop of X-Forwarded-For, without its port. Pure."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address


@dataclass(frozen=True)
class ClientAddress:
    """An address in its one normal spelling, and the port where it is known."""

    address: str | None
    port: int | None = None


def client_address(
    forwarded_for: str | None, *, peer: str | None, peer_port: str | int | None = None
) -> ClientAddress:
    """The client of a request.

    App Service's front end appends `address:port` to whatever the client wrote, so only the last
    element can be believed. One that is no address was not written by the front end: then the
    peer counts, never an element further left.
    """
    last_hop = (forwarded_for or "").rpartition(",")[2].strip()
    address, port = _split(last_hop)
    if normal := _normal(address):
        return ClientAddress(normal, _port_number(port))
    return ClientAddress(_normal(peer or ""), _port_number(peer_port))


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
