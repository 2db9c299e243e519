"""Flexible servers: what Azure would refuse, and the real server behind one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lab.azure import Azure
from lab.azure.core.backends import Backends
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.dbforpostgresql import server as postgres_server
from lab.azure.dbforpostgresql import server_of, token_given
from lab.azure.dbforpostgresql.database_log import rows
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START
from tests.support import servers

KIND = "azure-native:dbforpostgresql"
SUBNET = "Microsoft.DBforPostgreSQL/flexibleServers"
PASSWORD = "Three-kinds-1"


def a_server(**changes: Any) -> dict[str, Any]:
    return {
        "serverName": "logins",
        "sku": {"name": "Standard_B1ms", "tier": "Burstable"},
        "storage": {"storageSizeGB": 32},
        "version": "17",
        "administratorLogin": "loginadmin",
        "administratorLoginPassword": PASSWORD,
        "network": {"publicNetworkAccess": "Enabled"},
    } | changes


def create(azure: Azure, group: Resource, kind: str, name: str, **inputs: Any) -> Resource:
    token = kind if ":" in kind else f"{KIND}:{kind}"
    return azure.resources.create(token, name, {"resourceGroupName": group.name, **inputs})


@pytest.fixture
def network(azure: Azure, group: Resource) -> Resource:
    subnets = [
        {"name": name, "addressPrefix": prefix, "delegations": [{"serviceName": service}]}
        for name, prefix, service in (
            ("database", "10.80.0.0/28", SUBNET),
            ("app", "10.80.0.64/26", "Microsoft.Web/serverFarms"),
        )
    ]
    space = {"addressPrefixes": ["10.80.0.0/24"]}
    token = "azure-native:network:VirtualNetwork"
    return create(azure, group, token, "net", addressSpace=space, subnets=subnets)


def private(
    azure: Azure, group: Resource, network: Resource, *, zone: str, linked: bool, subnet: str
) -> dict[str, Any]:
    token = "azure-native:privatedns"
    made = create(
        azure, group, f"{token}:PrivateZone", "zone", privateZoneName=zone, location="global"
    )
    if linked:
        link = {"virtualNetwork": {"id": network.id}, "location": "global"}
        create(azure, group, f"{token}:VirtualNetworkLink", "link", privateZoneName=zone, **link)
    return {
        "delegatedSubnetResourceId": f"{network.id}/subnets/{subnet}",
        "privateDnsZoneArmResourceId": made.id,
        "publicNetworkAccess": "Disabled",
    }


ZONE = "login.private.postgres.database.azure.com"


def test_a_private_server_is_taken(azure: Azure, group: Resource, network: Resource) -> None:
    where = private(azure, group, network, zone=ZONE, linked=True, subnet="database")
    made = create(azure, group, "Server", "db", **a_server(network=where))
    assert made.outputs["fullyQualifiedDomainName"] == "logins.postgres.database.azure.com"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"linked": False}, "is not linked; link it to the subnet's network first"),
        ({"subnet": "app"}, "expected a subnet that is delegated to Microsoft.DBforPostgreSQL"),
        ({"subnet": "other"}, "delegatedSubnetResourceId .* is not found"),
        ({"zone": "login.example.com"}, "expected a name that ends with .postgres.database"),
        ({"zone": "logins.postgres.database.azure.com"}, "and not the server's own"),
    ],
)
def test_a_private_server_that_azure_refuses_is_refused(
    azure: Azure, group: Resource, network: Resource, changes: dict[str, Any], refusal: str
) -> None:
    given: dict[str, Any] = {"zone": ZONE, "linked": True, "subnet": "database", **changes}
    where = private(azure, group, network, **given)
    with pytest.raises(ResourceError, match=refusal):
        create(azure, group, "Server", "db", **a_server(network=where))


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sku": {"name": "B1", "tier": "Burstable"}}, "sku.name 'B1'"),
        ({"sku": {"name": "Standard_B1ms", "tier": "GeneralPurpose"}}, "sku.tier 'GeneralPurpose'"),
        ({"storage": {"storageSizeGB": 20}}, "storage.storageSizeGB 20 .* expected one of 32, 64"),
        ({"backup": {"backupRetentionDays": 6}}, "backup.backupRetentionDays 6 .* 7 to 35"),
        ({"version": "10"}, "version '10'"),
        ({"highAvailability": {"mode": "ZoneRedundant"}}, "highAvailability.mode 'ZoneRedundant'"),
        ({"administratorLogin": "azure_superuser"}, "administratorLogin 'azure_superuser'"),
        ({"administratorLogin": "pg_me"}, "administratorLogin 'pg_me'"),
        ({"administratorLoginPassword": "onlyletters"}, "8 to 128 characters of three kinds"),
        ({"authConfig": {"passwordAuth": "Disabled"}}, "authConfig.passwordAuth 'Disabled'"),
        ({"serverName": "Logins_1"}, "serverName 'Logins_1'"),
    ],
)
def test_a_server_that_azure_refuses_is_refused(
    azure: Azure, group: Resource, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(ResourceError, match=refusal) as refused:
        create(azure, group, "Server", "db", **a_server(**changes))
    assert "onlyletters" not in str(refused.value)


def test_a_disk_only_grows(azure: Azure, group: Resource) -> None:
    made = create(azure, group, "Server", "db", **a_server(storage={"storageSizeGB": 64}))
    azure.resources.update(made.id, {**made.inputs, "storage": {"storageSizeGB": 128}})
    with pytest.raises(ResourceError, match="expected 128 or more: a disk only grows"):
        azure.resources.update(made.id, {**made.inputs, "storage": {"storageSizeGB": 64}})


@pytest.mark.parametrize(
    ("kind", "inputs", "refusal"),
    [
        ("Configuration", {"configurationName": "x", "value": "on"}, "source .* user-override"),
        (
            "FirewallRule",
            {"startIpAddress": "10.0.0.9", "endIpAddress": "10.0.0.1"},
            "endIpAddress '10.0.0.1' .* ends before it begins",
        ),
        (
            "AdministratorsMicrosoftEntra",
            {"principalType": "servicePrincipal"},
            "principalType 'servicePrincipal'",
        ),
        ("AdministratorsMicrosoftEntra", {}, "activeDirectoryAuth Enabled"),
        ("Database", {"databaseName": "1 a"}, "databaseName '1 a'"),
    ],
)
def test_what_a_server_does_not_take_is_refused(
    azure: Azure, group: Resource, kind: str, inputs: dict[str, Any], refusal: str
) -> None:
    create(azure, group, "Server", "db", **a_server())
    who = {"objectId": "00000000-0000-0000-0000-000000000003", "principalName": "me"}
    more = who | {"tenantId": "t", "principalType": "User"} if kind.startswith("Adm") else {}
    with pytest.raises(ResourceError, match=refusal):
        create(azure, group, kind, "child", serverName="logins", **(more | inputs))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Azure]:
    """An Azure whose servers run."""
    with Azure(Clock(START), state_dir=tmp_path / "azure") as made:
        yield made


def made_group(azure: Azure) -> Resource:
    token = "azure-native:resources:ResourceGroup"
    return azure.resources.create(token, "group", {"location": "westeurope"})


def connect(azure: Azure, user: str, password: str) -> psycopg.Connection:
    running = server_of(azure, "logins")
    assert running is not None
    return psycopg.connect(
        host="127.0.0.1",
        port=running.port,
        user=user,
        password=password,
        dbname="users",
        sslmode="require",
    )


@pytest.mark.postgres
@servers.needs_postgres
def test_the_server_is_a_real_one(running: Azure) -> None:
    group = made_group(running)
    server = create(running, group, "Server", "db", **a_server())
    create(running, group, "Database", "users", serverName="logins", databaseName="users")
    url = "postgresql+psycopg://u:p@logins.postgres.database.azure.com:5432/users?sslmode=require"
    led = running.service(Backends).environment({"URL": url, "OTHER": "5432"}, Path("/home"))
    port = getattr(server_of(running, "logins"), "port", 0)
    assert led["URL"] == f"postgresql+psycopg://u:p@127.0.0.1:{port}/users?sslmode=require"
    assert led["OTHER"] == "5432"
    with connect(running, "loginadmin", PASSWORD) as connection:
        connection.execute("CREATE TABLE t (a int)")
    running.resources.delete(server.id)
    assert server_of(running, "logins") is None
    running.clock.run_until(START + timedelta(minutes=1))  # nobody reads a log that is gone
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=port, user="loginadmin", connect_timeout=2)


@pytest.mark.postgres
@servers.needs_postgres
def test_a_parameter_that_postgresql_does_not_have_is_refused(running: Azure) -> None:
    group = made_group(running)
    create(running, group, "Server", "db", **a_server())
    given = {"serverName": "logins", "source": "user-override"}
    create(
        running,
        group,
        "Configuration",
        "a",
        configurationName="log_connections",
        value="on",
        **given,
    )
    with pytest.raises(ResourceError, match="unrecognized configuration parameter"):
        create(running, group, "Configuration", "b", configurationName="logs", value="on", **given)


@pytest.mark.postgres
@servers.needs_postgres
def test_an_identity_signs_in_with_the_token_it_was_given(running: Azure) -> None:
    group = made_group(running)
    config = {"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": "t"}
    create(running, group, "Server", "db", **a_server(authConfig=config))
    create(running, group, "Database", "users", serverName="logins", databaseName="users")
    who = "00000000-0000-0000-0000-00000000000a"
    create(
        running,
        group,
        "AdministratorsMicrosoftEntra",
        "who",
        serverName="logins",
        objectId=who,
        principalName="login-identity",
        principalType="ServicePrincipal",
        tenantId="t",
    )
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        connect(running, "login-identity", "token")
    token_given(running, who, "token")
    connect(running, "login-identity", "token").close()


@pytest.mark.postgres
@servers.needs_postgres
@pytest.mark.parametrize("destination", ["Dedicated", None])
def test_failed_sign_ins_become_rows_where_they_are_asked_for(
    running: Azure, destination: str | None
) -> None:
    group = made_group(running)
    token = "azure-native:operationalinsights:Workspace"
    workspace = create(running, group, token, "logs", workspaceName="logs")
    server = create(running, group, "Server", "db", **a_server())
    create(running, group, "Database", "users", serverName="logins", databaseName="users")
    setting = {
        "resourceUri": server.id,
        "workspaceId": workspace.id,
        "logs": [{"category": "PostgreSQLLogs", "enabled": True}],
        "logAnalyticsDestinationType": destination,
    }
    given = {key: value for key, value in setting.items() if value is not None}
    running.resources.create("azure-native:monitor:DiagnosticSetting", "setting", given)
    with pytest.raises(psycopg.OperationalError):
        connect(running, "loginadmin", "wrong")
    running.clock.run_until(START + timedelta(minutes=1))
    running.clock.run_until(START + timedelta(minutes=10))
    kql = 'PGSQLServerLogs | where Message has "authentication failed"'
    found = running.log_tables(workspace.id).query(kql, running.clock.now).rows
    if destination is None:
        assert found == []
        assert running.dropped["PGSQLServerLogs"] > 0
        return
    (failed,) = found
    assert (failed["ErrorLevel"], failed["SqlErrorCode"]) == ("FATAL", "28P01")
    assert failed["LogicalServerName"] == "logins"
    assert failed["TimeGenerated"] == "2026-01-05T07:30:00Z"
    assert failed["Message"].startswith("2026-01-05 07:30:00 UTC-")
    assert failed["Message"].endswith(
        'FATAL:  password authentication failed for user "loginadmin"'
    )
    assert failed["Detail"]
    assert failed["_ResourceId"] == server.id.lower()


def test_details_and_further_lines_belong_to_their_message() -> None:
    server = Resource("t", "db", "", "/subscriptions/s/x", "logins", {})
    lines = [
        "PostgreSQL init process complete",
        "6b0.1|12|28P01|client backend|FATAL:  first",
        "6b0.1|12|28P01|client backend|DETAIL:  because",
        "\tof this",
        "6b0.2|13|00000|client backend|LOG:  second",
        "\tin two lines",
    ]
    first, second = rows(lines, server, START)
    assert (first["Detail"], first["ProcessId"]) == ("because\nof this", 12)
    assert second["Message"].endswith("LOG:  second\nin two lines")


def test_without_postgresql_the_app_gets_a_file_and_the_report_says_so(
    running: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_server, "binaries", lambda: None)
    create(running, made_group(running), "Server", "db", **a_server())
    url = "postgresql+psycopg://u:p@logins.postgres.database.azure.com:5432/users?sslmode=require"
    led = running.service(Backends).environment({"URL": url}, Path("/home/site"))
    assert led == {"URL": "sqlite:////home/site/users.db"}
    assert len(running.notices) == 1
    assert "no PostgreSQL on this machine: logins is none" in running.notices[0]
