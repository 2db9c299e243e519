"""SharedLimits: what Azure gets for it."""

import re
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import pulumi
import pulumi_random
import pytest

from components import SharedLimits
from components.shared_limits import SharedLimitsArgs, limits_url
from tests.conftest import Engine

CLUSTER = "azure-native:redisenterprise:RedisEnterprise"
DATABASE = "azure-native:redisenterprise:Database"
NETWORK = {"network_id": "vnet", "endpoint_subnet_id": "vnet/subnets/endpoints"}


def limits(**changes: Any) -> SharedLimits:
    args = {"resource_group_name": "rg", "location": "westeurope", **NETWORK} | changes
    return SharedLimits("login-limits", cast(SharedLimitsArgs, args))


def test_the_cheapest_redis_is_the_default(engine: Engine) -> None:
    cluster = engine.deploy(limits).one(CLUSTER)
    assert cluster["sku"] == {"name": "Balanced_B0"}
    assert cluster["highAvailability"] == "Disabled"
    assert cluster["minimumTlsVersion"] == "1.2"
    assert cluster["clusterName"] == "login-limits-3fa2c1"


def test_a_second_copy_can_be_had(engine: Engine) -> None:
    engine.deploy(lambda: limits(limits_high_availability=True, limits_sku="Balanced_B3"))
    cluster = engine.one(CLUSTER)
    assert (cluster["highAvailability"], cluster["sku"]["name"]) == ("Enabled", "Balanced_B3")


def test_the_database_suits_a_plain_client_that_counts(engine: Engine) -> None:
    database = engine.deploy(limits).one(DATABASE)
    assert database["clientProtocol"] == "Encrypted"
    assert database["port"] == 10000
    assert database["clusteringPolicy"] == "EnterpriseCluster", "the client knows no clusters"
    assert database["evictionPolicy"] == "NoEviction", "a lost counter is an open door"
    assert database["accessKeysAuthentication"] == "Enabled"


def test_it_is_private_unless_somebody_asks(engine: Engine) -> None:
    engine.deploy(limits)
    assert engine.one(CLUSTER)["publicNetworkAccess"] == "Disabled"
    endpoint = engine.one("azure-native:network:PrivateEndpoint")
    assert endpoint["subnet"]["id"] == "vnet/subnets/endpoints"
    assert endpoint["privateLinkServiceConnections"][0]["groupIds"] == ["redisEnterprise"]
    zone = engine.one("azure-native:privatedns:PrivateZone")
    assert (zone["privateZoneName"], zone["location"]) == ("privatelink.redis.azure.net", "global")
    link = engine.one("azure-native:privatedns:VirtualNetworkLink")
    assert link["virtualNetwork"] == {"id": "vnet"}
    assert link.name in engine.one("azure-native:network:PrivateDnsZoneGroup").dependencies


def test_public_access_takes_no_endpoint(engine: Engine) -> None:
    none = dict.fromkeys(NETWORK)
    engine.deploy(lambda: limits(limits_public_access=True, **none))
    assert engine.one(CLUSTER)["publicNetworkAccess"] == "Enabled"
    assert not engine.all("azure-native:network:PrivateEndpoint")


@pytest.mark.parametrize("public", [True, False])
def test_the_url_has_the_key_and_is_a_secret(engine: Engine, public: bool) -> None:
    told: list[str] = []

    def program() -> pulumi.Output[None]:
        url = limits(limits_public_access=public).limits_url
        pulumi_random.RandomId("user", byte_length=1, keepers={"url": url})
        return url.apply(told.append)

    engine.deploy(program)
    parts = urlsplit(told[0])
    assert (parts.scheme, parts.port, parts.path) == ("rediss", 10000, "/0")
    assert parts.hostname == "login-limits-redis.westeurope.redis.azure.net"
    assert unquote(parts.password or "") == "k+/="
    user = next(each for each in engine.registered if each.name == "user")
    assert user.secrets == ("keepers.url",)
    assert ("login-limits-zone-group" in user.dependencies) is not public


def test_a_key_of_base64_survives_the_url() -> None:
    assert limits_url("redis", "a+b/c=") == "rediss://:a%2Bb%2Fc%3D@redis:10000/0"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"limits_sku": "Standard_C0"}, "Standard_C0 is no size; expected one such as Balanced_B0"),
        ({"network_id": None}, "is missing; expected with private limits"),
        ({"endpoint_subnet_id": None}, "is missing; expected with private limits"),
    ],
)
def test_what_cannot_work_is_refused_before(
    engine: Engine, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(pulumi.InputPropertyError, match=re.escape(refusal)):
        engine.deploy(lambda: limits(**changes))
    assert not engine.all(CLUSTER)


def test_tags_reach_what_takes_tags(engine: Engine) -> None:
    engine.deploy(lambda: limits(tags={"team": "soc"}))
    tagged = {each.name for each in engine.registered if each.inputs.get("tags")}
    assert tagged == {f"login-limits-{role}" for role in ("redis", "endpoint", "zone", "zone-link")}
