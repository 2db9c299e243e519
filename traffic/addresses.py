"""Who has which address: documentation ranges only (RFC 5737, RFC 3849), attackers set apart."""

from ipaddress import IPv4Network, IPv6Network

OFFICE = "198.51.100.20"
HEALTH_PROBE = "198.51.100.250"
CRAWLER = "198.51.100.240"
UPTIME_MONITOR = "198.51.100.241"

HOMES = IPv4Network("192.0.2.0/24")
HOMES_V6 = IPv6Network("2001:db8:a::/48")
MOBILE_CARRIER = IPv4Network("198.51.100.64/26")
MOBILE_CARRIER_V6 = IPv6Network("2001:db8:b::/48")

ATTACKERS = IPv4Network("203.0.113.0/24")
BOTNET = IPv4Network("198.51.100.128/26")
_HOSTING = IPv4Network("198.51.100.192/27")
ATTACKERS_V6 = IPv6Network("2001:db8:bad::/48")

_V6_CUSTOMER_BITS = 16
_EVERY_NTH_HOME_HAS_V6 = 5


def attacker_block(number: int) -> IPv4Network:
    """One of the eight /27 blocks for attackers; each scenario takes its own."""
    return list(ATTACKERS.subnets(new_prefix=27))[number]


def hosting_block(number: int) -> IPv4Network:
    """One of the eight /30 blocks of rented servers, for attacks from a single address."""
    return list(_HOSTING.subnets(new_prefix=30))[number]


def in_v6(network: IPv6Network, customer: int, host: int = 1) -> str:
    """Address of a host in a customer's own /64."""
    return str(network[(customer % 2**_V6_CUSTOMER_BITS << 64) + host])


def home(number: int) -> str:
    """Address of the household with this number, 0 to 199; every fifth speaks IPv6."""
    if number % _EVERY_NTH_HOME_HAS_V6 == _EVERY_NTH_HOME_HAS_V6 - 1:
        return in_v6(HOMES_V6, number, host=0x1C5E)
    return str(HOMES[number + 1])
