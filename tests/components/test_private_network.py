"""PrivateNetwork: three subnets in one resource, and how a range is divided."""

from ipaddress import IPv4Network
from typing import Any, cast

import pulumi
import pytest

from components import PrivateNetwork
from components.private_network import PrivateNetworkArgs
from components.subnet_plan import subnet_plan
from tests.conftest import Engine

NETWORK = "azure-native:network:VirtualNetwork"


def private_network(**changes: Any) -> PrivateNetwork:
    args = {"resource_group_name": "rg", "location": "westeurope"} | changes
    return PrivateNetwork("login", cast(PrivateNetworkArgs, args))


def test_the_subnets_are_made_with_the_network(engine: Engine) -> None:
    made = engine.deploy(private_network).one(NETWORK)
    assert made["addressSpace"] == {"addressPrefixes": ["10.80.0.0/24"]}
    assert [each["name"] for each in made["subnets"]] == ["app", "database", "endpoints"]
    assert not engine.all("azure-native:network:Subnet"), "AnotherOperationInProgress"


def test_app_and_database_have_subnets_of_their_own(engine: Engine) -> None:
    app, database, endpoints = engine.deploy(private_network).one(NETWORK)["subnets"]
    assert app["delegations"][0]["serviceName"] == "Microsoft.Web/serverFarms"
    delegate = database["delegations"][0]["serviceName"]
    assert delegate == "Microsoft.DBforPostgreSQL/flexibleServers"
    assert database["serviceEndpoints"] == [{"service": "Microsoft.Storage"}]
    assert "delegations" not in endpoints


def test_the_ids_of_the_subnets_are_told(engine: Engine) -> None:
    told: list[str] = []

    def program() -> pulumi.Output[None]:
        made = private_network()
        ids = (made.network_id, made.app_subnet_id, made.database_subnet_id)
        return pulumi.Output.all(*ids, made.endpoint_subnet_id).apply(told.extend)

    engine.deploy(program)
    network, *subnets = told
    assert subnets == [f"{network}/subnets/{name}" for name in ("app", "database", "endpoints")]


@pytest.mark.parametrize("space", ["10.0.0.0/8", "192.168.4.0/24", "172.20.0.0/16"])
def test_the_parts_lie_in_the_range_and_do_not_overlap(space: str) -> None:
    parts = [IPv4Network(part) for part in subnet_plan(space)]
    assert all(part.subnet_of(IPv4Network(space)) for part in parts)
    assert not any(one.overlaps(other) for one in parts for other in parts if one is not other)
    assert [part.prefixlen for part in parts] == [26, 28, 28]


@pytest.mark.parametrize(
    ("space", "refusal"),
    [
        ("10.0.0.0/25", "10.0.0.0/25 is public or too small"),
        ("20.0.0.0/16", "20.0.0.0/16 is public or too small"),
        ("10.0.0.1/16", "'10.0.0.1/16' is no IPv4 range"),
        ("anything", "'anything' is no IPv4 range"),
    ],
)
def test_a_range_that_cannot_be_used_is_refused(engine: Engine, space: str, refusal: str) -> None:
    with pytest.raises(pulumi.InputPropertyError, match=refusal):
        engine.deploy(lambda: private_network(address_space=space))


def test_tags_reach_the_network(engine: Engine) -> None:
    made = engine.deploy(lambda: private_network(tags={"team": "soc"})).one(NETWORK)
    assert made["tags"] == {"team": "soc"}


def test_every_subnet_has_a_guard(engine: Engine) -> None:
    made = engine.deploy(
        lambda: PrivateNetwork("net", {"resource_group_name": "rg", "location": "x"})
    )
    guard = engine.one("azure-native:network:NetworkSecurityGroup")
    assert "securityRules" not in guard.inputs, "Azure's own let nothing in from the internet"
    subnets = made.one("azure-native:network:VirtualNetwork")["subnets"]
    assert all(each["networkSecurityGroup"]["id"].endswith("net-guard") for each in subnets)
