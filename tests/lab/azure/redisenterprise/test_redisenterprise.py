"""Azure Managed Redis: what Azure would refuse, its keys, and the real Redis behind it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import redis

from lab.azure import Azure
from lab.azure.core.backends import Backends
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.redisenterprise import server
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START
from tests.support import servers

KIND = "azure-native:redisenterprise"
KEYS = f"{KIND}:listDatabaseKeys"


def create(azure: Azure, kind: str, name: str, **inputs: Any) -> Resource:
    return azure.resources.create(
        f"{KIND}:{kind}", name, {"resourceGroupName": "lab", "clusterName": "limits", **inputs}
    )


def cluster(azure: Azure, **changes: Any) -> Resource:
    token = "azure-native:resources:ResourceGroup"
    azure.resources.create(token, "g", {"resourceGroupName": "lab", "location": "West Europe"})
    usual = {"sku": {"name": "Balanced_B0"}, "publicNetworkAccess": "Enabled"}
    return create(azure, "RedisEnterprise", "cluster", **(usual | changes))


def database(azure: Azure, **changes: Any) -> Resource:
    usual = {"databaseName": "default", "port": 10000, "accessKeysAuthentication": "Enabled"}
    return create(azure, "Database", "database", **(usual | changes))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sku": {"name": "Enterprise_E1"}}, "sku.name 'Enterprise_E1' .* takes no new ones"),
        ({"minimumTlsVersion": "1.0"}, "minimumTlsVersion '1.0' .* expected 1.2"),
        ({"clusterName": "a--b"}, "clusterName 'a--b'"),
        ({"publicNetworkAccess": None}, "publicNetworkAccess is missing"),
    ],
)
def test_a_cluster_that_azure_refuses_is_refused(
    azure: Azure, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(ResourceError, match=refusal):
        cluster(azure, **changes)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"port": 6380}, "port 6380 .* expected 10000"),
        ({"databaseName": "limits"}, "databaseName 'limits' .*expected default"),
        ({"evictionPolicy": "noeviction"}, "evictionPolicy 'noeviction'"),
    ],
)
def test_a_database_that_azure_refuses_is_refused(
    azure: Azure, changes: dict[str, Any], refusal: str
) -> None:
    cluster(azure)
    with pytest.raises(ResourceError, match=refusal):
        database(azure, **changes)


def test_the_host_has_name_and_region(azure: Azure) -> None:
    assert cluster(azure).outputs["hostName"] == "limits.westeurope.redis.azure.net"


def test_keys_are_told_to_whoever_may_ask(azure: Azure) -> None:
    cluster(azure)
    made = database(azure)
    asked = {"clusterName": "limits", "databaseName": "default", "resourceGroupName": "lab"}
    told = azure.resources.invoke(KEYS, asked)
    assert told.keys() == {"primaryKey", "secondaryKey"}
    assert told["primaryKey"] != told["secondaryKey"]
    assert told["primaryKey"] not in str(made.outputs)
    azure.resources.update(made.id, {**made.inputs, "accessKeysAuthentication": "Disabled"})
    with pytest.raises(ResourceError, match="expected Enabled for keys"):
        azure.resources.invoke(KEYS, asked)
    with pytest.raises(ResourceError, match="'other/default' is not found"):
        azure.resources.invoke(KEYS, {**asked, "clusterName": "other"})


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Azure]:
    """An Azure whose servers run."""
    with Azure(Clock(START), state_dir=tmp_path / "azure") as made:
        yield made


@pytest.mark.redis
@servers.needs_redis
def test_the_redis_is_a_real_one_with_tls_and_key(running: Azure) -> None:
    cluster(running)
    made = database(running, clientProtocol="Encrypted", evictionPolicy="NoEviction")
    asked = {"clusterName": "limits", "databaseName": "default"}
    key = running.resources.invoke(KEYS, asked)["primaryKey"]
    url = f"rediss://:{quote(key, safe='')}@limits.westeurope.redis.azure.net:10000/0"
    led = running.service(Backends).environment({"URL": url}, Path("/home"))
    client = redis.from_url(led["URL"], ssl_ca_certs=led["SSL_CERT_FILE"])
    assert client.ping()
    policy: Any = client.config_get("maxmemory-policy")
    assert policy["maxmemory-policy"] == "noeviction"
    client.close()
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(
            led["URL"].replace(quote(key, safe=""), "x"), ssl_ca_certs=led["SSL_CERT_FILE"]
        ).ping()
    running.resources.delete(made.id)
    assert running.service(Backends).environment({"URL": url}, Path("/home")) == {"URL": url}


def test_without_redis_the_app_counts_in_memory_and_the_report_says_so(
    running: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "binary", lambda: None)
    cluster(running)
    database(running)
    url = "rediss://:key@limits.westeurope.redis.azure.net:10000/0"
    led = running.service(Backends).environment({"URL": url}, Path("/home"))
    assert led == {"URL": "memory://"}
    assert "no Redis on this machine: limits is none" in running.notices[0]
