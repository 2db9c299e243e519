"""Who sent a request, and what App Service's front end tells the app about it."""

import hmac
import ipaddress
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy

LAB_TOKEN: Final = "X-Lab-Token"  # noqa: S105 - the header's name
LAB_CLIENT: Final = "X-Lab-Client"

HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_FORWARDED: Final = HOP_BY_HOP | {
    "content-length",
    "expect",
    "x-forwarded-for",
    LAB_TOKEN.lower(),
    LAB_CLIENT.lower(),
}


class ClientError(ValueError):
    """An X-Lab-Client header that holds no address."""


@dataclass(frozen=True)
class Client:
    """The peer as the front end sees it."""

    address: str
    port: int

    @property
    def endpoint(self) -> str:
        """`192.0.2.1:50000`; for IPv6 `[2001:db8::1]:50000` (UNCONFIRMED for App Service)."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


def client_of(headers: CIMultiDictProxy[str], peer: tuple[str, int], token: str) -> Client:
    """The TCP peer, or who the lab's own sender says it stands for when it knows the token."""
    named = headers.get(LAB_CLIENT)
    given = headers.get(LAB_TOKEN, "").encode("utf-8", "surrogateescape")
    if named is None or not hmac.compare_digest(given, token.encode()):
        return Client(*peer)
    try:
        return Client(str(ipaddress.ip_address(named)), peer[1])
    except ValueError:
        raise ClientError(
            f"{LAB_CLIENT} {named!r} is not an address; an IPv4 or IPv6 address is expected"
        ) from None


def request_headers(
    headers: CIMultiDictProxy[str], client: Client, *, host: str, target: str, scheme: str
) -> CIMultiDict[str]:
    """What the app gets: the client's headers, and over them the front end's own.

    X-Forwarded-For keeps the client's value and gets the peer appended; Client-IP is overwritten
    (app-service-linux-docs, Things_You_Should_Know/headers.md; names seen in remix-utils 496).
    """
    dropped = _NOT_FORWARDED | _named_by_connection(headers.getall("Connection", ()))
    sent = CIMultiDict((key, value) for key, value in headers.items() if key.lower() not in dropped)
    before = ", ".join(headers.getall("X-Forwarded-For", ()))
    sent["X-Forwarded-For"] = f"{before}, {client.endpoint}" if before else client.endpoint
    sent["X-Forwarded-Proto"] = scheme
    sent["X-AppService-Proto"] = scheme
    sent["Client-IP"] = client.endpoint
    sent["X-Client-IP"] = client.address
    sent["X-Client-Port"] = str(client.port)
    sent["X-Original-URL"] = target
    sent["X-WAWS-Unencoded-URL"] = target
    sent["X-ARR-LOG-ID"] = str(uuid.uuid4())
    sent["X-SITE-DEPLOYMENT-ID"] = host.split(".")[0]
    sent["WAS-DEFAULT-HOSTNAME"] = host
    return sent


def at_host_name(headers: CIMultiDict[str], door: str, host: str) -> None:
    """As if the browser had gone to the site's host name and not to its door on this machine.

    Apps compare Host with the names that are theirs (Django's ALLOWED_HOSTS), and Origin or Referer
    with Host. `door` is the host and port that the client typed.
    """
    headers["Host"] = host
    for name in ("Origin", "Referer"):
        written = headers.get(name, "")
        if written == f"http://{door}" or written.startswith(f"http://{door}/"):
            headers[name] = f"https://{host}{written.removeprefix(f'http://{door}')}"


def response_headers(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """The app's headers without those that belong to one connection."""
    dropped = HOP_BY_HOP | _named_by_connection(headers.getall("Connection", ()))
    return CIMultiDict((key, value) for key, value in headers.items() if key.lower() not in dropped)


def _named_by_connection(values: Iterable[str]) -> frozenset[str]:
    return frozenset(word.strip().lower() for value in values for word in value.split(","))
