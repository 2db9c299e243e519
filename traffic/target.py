"""Where traffic may go: this machine, or an app of one's own."""

import socket
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from components.limits.refusal import FailedError, RefusedError

OWNERSHIP = "--i-own-this-target"
_CONNECT_TIMEOUT_S = 5.0
_PORTS = {"http": 80, "https": 443}


class NoAnswerError(FailedError):
    """A target that has stopped answering, or never began."""


def host(base_url: str) -> str:
    return urlsplit(base_url).hostname or ""


def is_loopback(name: str) -> bool:
    """Whether every address of the host is this machine's own; False where it has none."""
    found = _addresses(name)
    return bool(found) and all(ip_address(address).is_loopback for address in found)


def check(url: str, *, owned: bool) -> str:
    """The base URL without its slash, or RefusedError that tells what is wrong with it."""
    parts = _parts(url)
    base_url = f"{parts.scheme}://{parts.netloc}"
    if not _addresses(host(base_url)):
        raise RefusedError.of(
            f"target {url} has no address", "a host name that resolves is expected"
        )
    if is_loopback(host(base_url)):
        return base_url
    if not owned:
        raise RefusedError.of(
            f"target {url} is not this machine",
            f"attacks go to loopback only, unless the app is yours and you say so ({OWNERSHIP})",
        )
    if parts.scheme != "https":
        raise RefusedError.of(
            f"target {url} would get passwords over plain http",
            "https:// is expected elsewhere than on loopback",
        )
    return base_url


def reach(base_url: str) -> None:
    """NoAnswerError unless something accepts connections there; sends no request."""
    parts = urlsplit(base_url)
    port = parts.port or _PORTS[parts.scheme]
    try:
        socket.create_connection((parts.hostname, port), _CONNECT_TIMEOUT_S).close()
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise NoAnswerError.of(
            f"target {base_url} does not answer: {reason}", "start the app, or correct the URL"
        ) from None


def _addresses(name: str) -> list[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    # A link-local IPv6 address carries its zone: fe80::1%eth0.
    return [str(entry[4][0]).split("%")[0] for entry in found]


def _parts(url: str) -> SplitResult:
    """The parts of a base URL: scheme, host, perhaps a port, nothing more."""
    expected = "http://HOST[:PORT] or https://HOST[:PORT] is expected"
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError as problem:
        raise RefusedError.of(f"target {url!r} is no URL: {problem}", expected) from None
    if "@" in parts.netloc:
        # The URL is not repeated: what stands before the @ is secret.
        raise RefusedError.of("target holds a user name or password", expected)
    if parts.scheme not in _PORTS or not name or port == 0:
        raise RefusedError.of(f"target {url!r} is no web address", expected)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise RefusedError.of(f"target {url!r} names a page", f"{expected}, without a path")
    return parts
