"""LoginDatabase: what Azure gets for it, and what is refused before."""

import re
from typing import Any, cast
from urllib.parse import urlsplit

import pulumi
import pulumi_random
import pytest

from components import LoginDatabase
from components.login_database import CONFIGURATIONS, LoginDatabaseArgs, database_url
from tests.conftest import Engine

PROVIDER = "azure-native:dbforpostgresql"
SERVER = f"{PROVIDER}:Server"
NETWORK = {"network_id": "vnet", "database_subnet_id": "vnet/subnets/database"}
IDENTITY = {
    "identity_name": "login-identity",
    "identity_principal_id": "principal",
    "tenant_id": "tenant",
}


def database(**changes: Any) -> LoginDatabase:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "workspace_id": "workspace",
        **NETWORK,
    } | changes
    return LoginDatabase("login", cast(LoginDatabaseArgs, args))


def told(engine: Engine, **changes: Any) -> list[Any]:
    """What the component gives to others."""
    found: list[Any] = []

    def program() -> pulumi.Output[None]:
        made = database(**changes)
        outputs = (made.host, made.database_name, made.database_url)
        return pulumi.Output.all(*outputs).apply(found.extend)

    engine.deploy(program)
    return found


def test_the_server_is_private_unless_somebody_asks(engine: Engine) -> None:
    server = engine.deploy(database).one(SERVER)
    assert server["network"] == {
        "delegatedSubnetResourceId": "vnet/subnets/database",
        "privateDnsZoneArmResourceId": engine_id(engine, "VirtualNetworkLink"),
        "publicNetworkAccess": "Disabled",
    }
    assert not engine.all(f"{PROVIDER}:FirewallRule")


def engine_id(engine: Engine, kind: str) -> str:
    link = next(each for each in engine.registered if each.type.endswith(f":{kind}"))
    return f"/subscriptions/00000000-0000-0000-0000-000000000000/{kind}/{link.name}"


def test_its_name_is_found_in_the_network_before_the_server_exists(engine: Engine) -> None:
    server = engine.deploy(database).one(SERVER)
    zone = engine.one("azure-native:privatedns:PrivateZone")
    link = engine.one("azure-native:privatedns:VirtualNetworkLink")
    assert zone["privateZoneName"].endswith(".postgres.database.azure.com")
    assert zone["privateZoneName"] != f"{server['serverName']}.postgres.database.azure.com"
    assert (zone["location"], link["location"]) == ("global", "global")
    assert link["virtualNetwork"] == {"id": "vnet"}
    assert link.name in server.dependencies


def test_public_access_opens_what_was_asked_for_and_no_more(engine: Engine) -> None:
    ranges = ["203.0.113.7", "198.51.100.0-198.51.100.63", "azure"]
    server = engine.deploy(lambda: database(database_public_access=ranges)).one(SERVER)
    assert server["network"] == {"publicNetworkAccess": "Enabled"}
    rules = engine.all(f"{PROVIDER}:FirewallRule")
    assert [(each["startIpAddress"], each["endIpAddress"]) for each in rules] == [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.0", "198.51.100.63"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 Azure's form of the rule
    ]
    assert not engine.all("azure-native:privatedns:PrivateZone")


def test_backups_go_to_another_region_for_whoever_asks(engine: Engine) -> None:
    server = engine.deploy(lambda: database(database_geo_backup=True)).one(SERVER)
    assert server["backup"]["geoRedundantBackup"] == "Enabled"


def test_the_cheapest_server_that_works_is_the_default(engine: Engine) -> None:
    server = engine.deploy(database).one(SERVER)
    assert server["sku"] == {"name": "Standard_B1ms", "tier": "Burstable"}
    assert server["storage"] == {"storageSizeGB": 32, "autoGrow": "Disabled"}
    assert server["backup"] == {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"}
    assert server["highAvailability"]["mode"] == "Disabled"
    assert server["version"] == "17"
    assert server["serverName"] == "login-3fa2c1"


def test_a_standby_in_another_zone_can_be_had(engine: Engine) -> None:
    changes = {"database_zone_redundant": True, "database_sku": "Standard_D2ds_v5"}
    server = engine.deploy(lambda: database(**changes)).one(SERVER)
    assert server["highAvailability"]["mode"] == "ZoneRedundant"
    assert server["sku"]["tier"] == "GeneralPurpose"


@pytest.mark.parametrize(
    ("way", "entra", "password"),
    [
        ("password", "Disabled", "Enabled"),
        ("entra", "Enabled", "Disabled"),
        ("both", "Enabled", "Enabled"),
    ],
)
def test_the_way_to_sign_in_can_be_chosen(
    engine: Engine, way: str, entra: str, password: str
) -> None:
    engine.deploy(lambda: database(database_authentication=way, **IDENTITY))
    server = engine.one(SERVER)
    chosen = server["authConfig"]
    assert (chosen["activeDirectoryAuth"], chosen["passwordAuth"]) == (entra, password)
    assert bool(chosen.get("tenantId")) == (entra == "Enabled")
    assert ("administratorLoginPassword" in server.inputs) == (password == "Enabled")
    administrators = engine.all(f"{PROVIDER}:AdministratorsMicrosoftEntra")
    assert len(administrators) == (entra == "Enabled")
    for each in administrators:
        assert each["principalType"] == "ServicePrincipal", "the SDK's enum is another API's"
        assert (each["objectId"], each["principalName"]) == ("principal", "login-identity")


def test_the_password_is_random_secret_and_of_three_kinds(engine: Engine) -> None:
    server = engine.deploy(database).one(SERVER)
    made = engine.one("random:index/randomPassword:RandomPassword")
    assert (made["minLower"], made["minUpper"], made["minNumeric"]) == (1, 1, 1)
    assert server["administratorLoginPassword"] == "k" * 64


def test_the_url_is_what_the_app_takes_and_a_secret(engine: Engine) -> None:
    host, name, url = told(engine)
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname, parts.port) == ("postgresql+psycopg", host, 5432)
    assert (parts.username, parts.password) == ("loginadmin", "k" * 64)
    assert (parts.path, parts.query) == (f"/{name}", "sslmode=require")


def test_an_identity_needs_no_password_in_the_url(engine: Engine) -> None:
    url = told(engine, database_authentication="both", **IDENTITY)[2]
    parts = urlsplit(url)
    assert (parts.username, parts.password) == ("login-identity", None)


def test_what_is_special_in_a_url_is_escaped() -> None:
    url = database_url("db", "logins", "a@b", "p/w:?#")
    assert url == "postgresql+psycopg://a%40b:p%2Fw%3A%3F%23@db:5432/logins?sslmode=require"


def test_the_url_is_secret_and_waits_for_everything(engine: Engine) -> None:
    def program() -> None:
        url = database(database_authentication="both", **IDENTITY).database_url
        pulumi_random.RandomId("user", byte_length=1, keepers={"url": url})

    engine.deploy(program)
    user = next(each for each in engine.registered if each.name == "user")
    assert user.secrets == ("keepers.url",)
    assert "login-administrator" in user.dependencies, "the identity may sign in by then"


def test_the_server_is_changed_once_at_a_time(engine: Engine) -> None:
    engine.deploy(
        lambda: database(
            database_authentication="entra", database_public_access=["203.0.113.7"], **IDENTITY
        )
    )
    changing = [each for each in engine.registered if each.type.startswith(f"{PROVIDER}:")][1:]
    assert len(changing) == 1 + len(CONFIGURATIONS) + 1 + 1
    for before, after in zip(changing, changing[1:], strict=False):
        assert before.name in after.dependencies, "ServerBusy"


def test_tls_is_required_and_every_connection_is_logged(engine: Engine) -> None:
    made = engine.deploy(database).all(f"{PROVIDER}:Configuration")
    assert {each["configurationName"]: each["value"] for each in made} == {
        "log_connections": "on",
        "log_disconnections": "on",
        "require_secure_transport": "on",
        "ssl_min_protocol_version": "TLSv1.2",
    }
    assert {each["source"] for each in made} == {"user-override"}


def test_the_logs_go_to_a_table_of_their_own(engine: Engine) -> None:
    setting = engine.deploy(database).one("azure-native:monitor:DiagnosticSetting")
    assert setting["logAnalyticsDestinationType"] == "Dedicated", "else AzureDiagnostics"
    assert setting["logs"] == [{"category": "PostgreSQLLogs", "enabled": True}]
    assert "metrics" not in setting.inputs, "nothing reads them there"
    assert setting["workspaceId"] == "workspace"


def test_tags_reach_what_takes_tags(engine: Engine) -> None:
    engine.deploy(lambda: database(tags={"team": "soc"}))
    tagged = {each.name for each in engine.registered if each.inputs.get("tags")}
    assert tagged == {"login-server", "login-zone", "login-zone-link"}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"database_subnet_id": None}, "database_subnet_id is missing; expected with a private"),
        ({"network_id": None}, "network_id is missing; expected with a private server"),
        ({"database_sku": "Standard_B1"}, "Standard_B1 is no size of a flexible server"),
        ({"database_version": "12"}, "12 is not offered; expected 13, 14, 15, 16, 17, 18"),
        ({"database_storage_gb": 20}, "20 is not offered; expected 32, 64"),
        ({"database_backup_days": 36}, "36 is not offered; expected 7 to 35"),
        ({"database_authentication": "ldap"}, "ldap is not offered; expected password, entra"),
        ({"database_zone_redundant": True}, "true is not offered by Standard_B1ms"),
        ({"database_name": "postgres"}, "postgres belongs to the server"),
        ({"database_name": "a b"}, "'a b' is no database name"),
        ({"database_public_access": ["0.0.0.0-0.0.0.0"]}, "opens the server"),  # noqa: S104
        ({"database_public_access": ["10.0.0.0-10.9.0.0"]}, "opens the server to strangers"),
        ({"database_public_access": ["198.51.100.9-198.51.100.1"]}, "ends before it begins"),
        ({"database_public_access": ["everywhere"]}, "'everywhere' is no IPv4 address or range"),
        ({"database_authentication": "entra"}, "identity_name is missing; expected with database"),
    ],
)
def test_what_azure_would_refuse_is_refused_before(
    engine: Engine, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(Exception, match=re.escape(refusal.split(" ", 1)[1])) as refused:
        engine.deploy(lambda: database(**changes))
    assert type(refused.value).__name__ == "InputPropertyError"
    assert not engine.all(SERVER)
