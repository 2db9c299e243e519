"""Where traffic may go."""

import socket
from collections.abc import Sequence

import pytest

from components.limits.refusal import RefusedError
from traffic import target
from traffic.target import NoAnswerError


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Host names and their addresses; literal addresses resolve as ever."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def resolve(host: str, *args: object, **kwargs: object) -> Sequence[tuple[object, ...]]:
        if host not in known:
            return real(host, 0, flags=socket.AI_NUMERICHOST)
        return [(0, 0, 0, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return known


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://127.9.9.9", "https://[::1]:8443"])
def test_loopback_is_allowed(url: str) -> None:
    assert target.check(url, owned=False) == url
    assert target.check(url + "/", owned=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1",
        "https://203.0.113.9:8443",
        "http://[2001:db8::1]",
        "http://0.0.0.0:8000",
        "http://[::ffff:192.0.2.1]",
    ],
)
def test_another_machine_is_refused(url: str) -> None:
    with pytest.raises(RefusedError, match=r"not this machine.*--i-own-this-target"):
        target.check(url, owned=False)


def test_a_name_that_means_this_machine_is_allowed(names: dict[str, list[str]]) -> None:
    names["app.example.com"] = ["127.0.0.1", "::1"]
    assert target.check("http://app.example.com", owned=False) == "http://app.example.com"


@pytest.mark.parametrize("found", [["192.0.2.1"], ["127.0.0.1", "192.0.2.1"], ["fe80::1%eth0"]])
def test_a_name_that_leads_elsewhere_is_refused(
    names: dict[str, list[str]], found: list[str]
) -> None:
    names["localhost"] = found
    with pytest.raises(RefusedError, match="not this machine"):
        target.check("http://localhost:8000", owned=False)


def test_a_name_without_address_is_refused_even_when_owned(names: dict[str, list[str]]) -> None:
    names["app.example.com"] = []
    with pytest.raises(RefusedError, match="has no address"):
        target.check("https://app.example.com", owned=True)


def test_an_app_of_ones_own_is_allowed_over_https_only() -> None:
    assert target.check("https://192.0.2.1", owned=True) == "https://192.0.2.1"
    with pytest.raises(RefusedError, match="plain http"):
        target.check("http://192.0.2.1", owned=True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "no web address"),
        ("127.0.0.1:8000", "no web address"),
        ("ftp://127.0.0.1", "no web address"),
        ("http://", "no web address"),
        ("http://127.0.0.1:0", "no web address"),
        ("http://127.0.0.1:99999", "no URL"),
        ("http://127.0.0.1:web", "no URL"),
        ("http://[::1", "no URL"),
        ("http://127.0.0.1/login", "names a page"),
        ("http://127.0.0.1/?q=1", "names a page"),
        ("http://127.0.0.1#top", "names a page"),
        ("http://maeve:hunter22@127.0.0.1", "user name or password"),
        ("http://127.0.0.1@192.0.2.1", "user name or password"),
    ],
)
def test_a_url_that_is_none_is_refused_with_what_is_expected(url: str, message: str) -> None:
    with pytest.raises(RefusedError, match=f"{message}.*is expected") as refusal:
        target.check(url, owned=True)
    assert "hunter22" not in str(refusal.value)


def test_a_port_where_nobody_listens_is_named(unused_tcp_port: int) -> None:
    with pytest.raises(NoAnswerError, match=f"{unused_tcp_port} does not answer.*refused"):
        target.reach(f"http://127.0.0.1:{unused_tcp_port}")
