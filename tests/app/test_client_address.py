"""Only the last hop of X-Forwarded-For counts, and its port is no part of the address."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from login_app.client_address import ClientAddress, client_address, network_of, site_of

PEER = "192.0.2.1"


@pytest.mark.parametrize(
    ("header", "address", "port"),
    [
        ("203.0.113.9:4711", "203.0.113.9", 4711),
        ("203.0.113.9", "203.0.113.9", None),
        ("198.51.100.1, 203.0.113.9:4711", "203.0.113.9", 4711),
        ("198.51.100.1:1,203.0.113.9:4711", "203.0.113.9", 4711),
        ("  203.0.113.9:4711  ", "203.0.113.9", 4711),
        ("[2001:db8::1]:4711", "2001:db8::1", 4711),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("2001:db8::1", "2001:db8::1", None),
        ("2001:0DB8:0:0::0001", "2001:db8::1", None),
        ("[::ffff:203.0.113.9]:4711", "203.0.113.9", 4711),
        ("fe80::1%eth0<script>", "fe80::1", None),
        ("203.0.113.9:0", "203.0.113.9", None),
        ("203.0.113.9:65536", "203.0.113.9", None),
        ("203.0.113.9:http", "203.0.113.9", None),
        ("203.0.113.9:²", "203.0.113.9", None),
        ("203.0.113.9:" + "9" * 5000, "203.0.113.9", None),
    ],
)
def test_the_last_hop_is_read(header: str, address: str, port: int | None) -> None:
    assert client_address(header, peer=PEER) == ClientAddress(address, port)


@pytest.mark.parametrize(
    "header",
    [None, "", " ", "unknown", "203.0.113.9, ", "203.0.113.9, _hidden", "1.2.3",
     "203.0.113.009", "203.0.113.9:1:2", "a" * 10_000, "\ud800", "::1::1"],
)  # fmt: skip
def test_without_a_readable_last_hop_the_peer_counts_never_an_earlier_hop(
    header: str | None,
) -> None:
    assert client_address(header, peer=PEER, peer_port="50000") == ClientAddress(PEER, 50000)


def test_a_request_from_nowhere_has_no_address() -> None:
    assert client_address(None, peer="") == ClientAddress(None)


@given(st.text(max_size=200))
def test_what_the_client_writes_to_the_left_changes_nothing(forged: str) -> None:
    assert client_address(f"{forged}, 203.0.113.9:4711", peer=PEER) == ClientAddress(
        "203.0.113.9", 4711
    )


@given(st.text(max_size=80) | st.text("0123456789abcdef:.[]%, ", max_size=60), st.text(max_size=20))
def test_the_answer_is_a_normal_address_or_nothing_whatever_comes(header: str, peer: str) -> None:
    found = client_address(header, peer=peer)
    assert found.address is None or str(ip_address(found.address)) == found.address
    assert found.port is None or 0 < found.port < 65536


GATEWAY = (ip_network("10.1.0.0/24"), ip_network("2001:db8:9::/48"))


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("198.51.100.7:1, 10.1.0.4:2", "198.51.100.7"),
        ("203.0.113.66, 198.51.100.7:1, 10.1.0.4:2", "198.51.100.7"),
        ("198.51.100.7, 10.1.0.5, [2001:db8:9::4]:2", "198.51.100.7"),
        ("198.51.100.7:1", "198.51.100.7"),
        ("10.9.9.9, 198.51.100.7:1", "198.51.100.7"),
        ("10.1.0.4:2", "10.1.0.4"),
        ("nonsense, 10.1.0.4:2", "10.1.0.4"),
        (", 10.1.0.4:2", "10.1.0.4"),
    ],
)
def test_behind_a_trusted_proxy_the_hop_left_of_it_counts(header: str, address: str) -> None:
    assert client_address(header, peer=PEER, trusted_proxies=GATEWAY).address == address


@given(st.text(max_size=200))
def test_what_the_client_writes_changes_nothing_behind_a_proxy_either(forged: str) -> None:
    header = f"{forged}, 198.51.100.7:1, 10.1.0.4:2"
    assert client_address(header, peer=PEER, trusted_proxies=GATEWAY).address == "198.51.100.7"


def test_a_header_of_thousands_of_hops_costs_no_more_than_a_few() -> None:
    header = "10.1.0.4, " * 10_000 + "10.1.0.4:1"
    assert client_address(header, peer=PEER, trusted_proxies=GATEWAY).address == "10.1.0.4"


@pytest.mark.parametrize(
    ("address", "network", "site"),
    [
        ("198.51.100.7", "198.51.100.7", None),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        (None, "unknown", None),
    ],
)
def test_ipv6_is_counted_by_what_a_customer_gets(
    address: str | None, network: str, site: str | None
) -> None:
    assert (network_of(address), site_of(address)) == (network, site)
