"""How a private network is divided. Pure: no pulumi, no I/O."""

from ipaddress import IPv4Network
from typing import NamedTuple

# Azure: a /28 is the least for a delegated subnet, a /26 what App Service needs to scale freely
# ("Integrate your app with an Azure virtual network"). Five addresses of each are Azure's.
SMALLEST_PREFIX = 24


class SubnetPlan(NamedTuple):
    """Address ranges in CIDR form."""

    app: str
    database: str
    endpoints: str


def subnet_plan(address_space: str) -> SubnetPlan:
    """ValueError for what is no private range, or too small."""
    expected = "expected a private IPv4 range of /24 or larger, such as 10.80.0.0/24"
    try:
        space = IPv4Network(address_space)
    except ValueError:
        raise ValueError(f"{address_space!r} is no IPv4 range; {expected}") from None
    if not space.is_private or space.prefixlen > SMALLEST_PREFIX:
        raise ValueError(f"{address_space} is public or too small; {expected}")
    app, rest, *_ = space.subnets(new_prefix=26)
    database, endpoints, *_ = rest.subnets(new_prefix=28)
    return SubnetPlan(str(app), str(database), str(endpoints))
