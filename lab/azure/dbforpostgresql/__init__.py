"""Microsoft.DBforPostgreSQL: flexible servers, run by the PostgreSQL of this machine."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Final

import psycopg

from components.limits import database
from components.limits.refusal import ABSENT, Refusal
from lab.azure import network
from lab.azure.core.backends import Backend, Backends, database_file
from lab.azure.core.billing import Free, Metered
from lab.azure.core.faults import Faults
from lab.azure.core.name_rule import GUID, NameRule
from lab.azure.core.resource import RecordedType, Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription
from lab.azure.dbforpostgresql import inputs as postgres_inputs
from lab.azure.dbforpostgresql import server as postgres_server
from lab.azure.dbforpostgresql.database_log import DatabaseLog
from lab.azure.dbforpostgresql.server import PostgresServer
from lab.azure.network import privatedns
from lab.host.loopback import HOST

HOST_SUFFIX: Final = ".postgres.database.azure.com"
SMALLEST_SUBNET: Final = 28
"""That a server can be put in ("Network with private access")."""
DELEGATE: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
AUDIENCE: Final = "https://ossrdbms-aad.database.windows.net"
AZURE_ONLY: Final = (
    "azure.",
    "connection_throttle.",
    "metrics.",
    "pgbouncer.",
    "require_secure_transport",
)
"""Parameters that PostgreSQL itself does not have; the lab always requires TLS."""


class Server(ResourceType):
    """A flexible server: a real PostgreSQL on loopback where one is installed."""

    pulumi_type = "azure-native:dbforpostgresql:Server"
    path = ArmPath("Microsoft.DBforPostgreSQL/flexibleServers", ("serverName",))
    has_world_name = True
    name_rule = NameRule(
        3,
        63,
        r"[a-z0-9]([a-z0-9-]*[a-z0-9])?",
        "lower-case letters, digits and hyphens, none at the ends",
    )
    private_link = ("postgresqlServer",)
    billing = Metered(("postgres", "postgres_storage"))
    replace_on = ("administratorLogin", "createMode", "serverName", "network", "availabilityZone")

    def __init__(self, azure: Subscription) -> None:
        super().__init__(azure)
        self._disks: dict[str, int] = {}

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """azurerm_postgresql_flexible_server, and the pages it refers to."""
        return [
            *postgres_inputs.size_problems(inputs),
            *postgres_inputs.sign_in_problems(inputs),
            *self._network_problems(inputs),
        ]

    def no_private_link(self, resource: Resource) -> str:
        """No private endpoint to one in a network ("Networking overview with private link")."""
        inside = (resource.inputs.get("network") or {}).get("delegatedSubnetResourceId")
        return "expected a server without a delegated subnet" if inside else ""

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """Backups in another region are chosen once ("Backup and restore in Azure Database for
        PostgreSQL": only when the server is made).
        """
        was, now = ((each or {}).get("backup") or {} for each in (before, resource.inputs))
        key, off = "geoRedundantBackup", "Disabled"
        if before is None or was.get(key, off) == now.get(key, off):
            return []
        expectation = f"expected {was.get(key, off)}: it is chosen when the server is made"
        return [refused(f"backup.{key}", now.get(key, off), expectation)]

    def create(self, resource: Resource) -> None:
        host = f"{resource.name.lower()}{HOST_SUFFIX}"
        resource.outputs |= {"fullyQualifiedDomainName": host, "state": "Ready"}
        self._disks[resource.id] = _disk(resource)
        if not self.azure.run_apps:
            return
        if postgres_server.binaries() is None:
            self.azure.notices.append(
                f"no PostgreSQL on this machine: {resource.name} is none; what would connect to it "
                "gets a database file of its own (SQLite), and PGSQLServerLogs gets no rows"
            )
            self.azure.service(Backends).add(host, Backend(substitute=database_file))
            return
        self._run(resource, host)

    def update(self, resource: Resource) -> None:
        before, wanted = self._disks[resource.id], _disk(resource)
        if wanted < before:
            expectation = f"expected {before} or more: a disk only grows"
            problem = refused("storage.storageSizeGB", wanted, expectation)
            raise ResourceError(self.pulumi_type, resource.logical_name, [problem])
        self._disks[resource.id] = wanted
        running = server_of(self.azure, resource.name)
        password = resource.inputs.get("administratorLoginPassword")
        if running is not None and password:
            running.set_password(str(resource.inputs["administratorLogin"]), str(password))

    def delete(self, resource: Resource) -> None:
        network = resource.inputs.get("network") or {}
        self.azure.service(Faults).left(network.get("delegatedSubnetResourceId"))
        _running(self.azure).pop(resource.name.lower(), None)
        self.azure.service(Backends).remove(f"{resource.name.lower()}{HOST_SUFFIX}")

    def _run(self, resource: Resource, host: str) -> None:
        backends = self.azure.service(Backends)
        secret = self.azure.resources.digest("azuresu", resource.id)
        server = PostgresServer(backends.authority, host, secret)
        backends.add(host, Backend(f"{HOST}:{server.port}"), server.close)
        _running(self.azure)[resource.name.lower()] = server
        if password := resource.inputs.get("administratorLoginPassword"):
            login = str(resource.inputs["administratorLogin"])
            server.create_role(login, str(password), administrator=True)
        DatabaseLog(self.azure, resource, server)

    def _network_problems(self, inputs: dict[str, Any]) -> list[Refusal]:
        given = inputs.get("network") or {}
        place, zone = (
            given.get("delegatedSubnetResourceId"),
            given.get("privateDnsZoneArmResourceId"),
        )
        if not place:
            return []
        key = "network.delegatedSubnetResourceId"
        found = network.delegation_problems(self.azure, key, str(place), DELEGATE)
        prefix = str((network.subnet(self.azure, str(place)) or {}).get("addressPrefix") or "")
        if prefix and ip_network(prefix).prefixlen > SMALLEST_SUBNET:
            found.append(refused(key, prefix, f"expected /{SMALLEST_SUBNET} or larger"))
        if given.get("publicNetworkAccess") == "Enabled":
            expectation = "expected Disabled with a delegated subnet"
            found.append(refused("network.publicNetworkAccess", "Enabled", expectation))
        made = self.azure.resources.find(str(zone)) if zone else None
        key = "network.privateDnsZoneArmResourceId"
        if made is None:
            expectation = "create that zone first; it is required with a delegated subnet"
            return [*found, refused(key, zone or ABSENT, expectation, "is not found")]
        if (
            not made.name.endswith(HOST_SUFFIX)
            or made.name == f"{inputs.get('serverName')}{HOST_SUFFIX}"
        ):
            expectation = f"expected a name that ends with {HOST_SUFFIX}, and not the server's own"
            found.append(refused(key, made.name, expectation))
        if not privatedns.is_linked(self.azure, str(zone), str(place).rpartition("/subnets/")[0]):
            expectation = "link it to the subnet's network first"
            found.append(refused(key, made.name, expectation, "is not linked"))
        return found


class Database(ResourceType):
    """A database of a server, empty."""

    pulumi_type = "azure-native:dbforpostgresql:Database"
    path = ArmPath(
        "Microsoft.DBforPostgreSQL/flexibleServers/databases", ("serverName", "databaseName")
    )
    name_rule = NameRule(
        1, 63, r"[A-Za-z_][\w-]*", "letters, digits, underscores and hyphens, a letter first"
    )
    billing = Free("is in its server's price")
    replace_on = ("charset", "collation", "databaseName", "serverName")

    def create(self, resource: Resource) -> None:
        """Collations are the operating system's: here every database has C."""
        running = server_of(self.azure, resource.inputs["serverName"])
        if running is not None:
            running.create_database(resource.name, str(resource.inputs.get("charset") or "UTF8"))

    def update(self, resource: Resource) -> None:
        """Nothing of it can change without a new one."""

    def delete(self, resource: Resource) -> None:
        running = server_of(self.azure, resource.inputs["serverName"])
        if running is not None:
            running.drop_database(resource.name)


class Configuration(ResourceType):
    """A server parameter, set on the running server."""

    pulumi_type = "azure-native:dbforpostgresql:Configuration"
    path = ArmPath(
        "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
        ("serverName", "configurationName"),
    )
    billing = Free("is in its server's price")
    replace_on = ("configurationName", "serverName")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """With `user-override`, or Azure takes the value and does not use it.

        No PgBouncer in a burstable size ("PgBouncer in Azure Database for PostgreSQL").
        """
        if inputs.get("value") is not None and inputs.get("source") != "user-override":
            expectation = "expected user-override with a value"
            return [refused("source", inputs.get("source", ABSENT), expectation)]
        return self._tier_problems(inputs)

    def _tier_problems(self, inputs: dict[str, Any]) -> list[Refusal]:
        server = find_server(self.azure, str(inputs.get("serverName", "")))
        tier = "" if server is None else str((server.inputs.get("sku") or {}).get("tier", ""))
        name, value = inputs.get("configurationName"), str(inputs.get("value", "")).lower()
        if name == "pgbouncer.enabled" and value in ("on", "true") and tier == "Burstable":
            expectation = "expected a server of General Purpose or Memory Optimized"
            return [refused("configurationName", name, expectation, "is not offered by Burstable")]
        return []

    def create(self, resource: Resource) -> None:
        running = server_of(self.azure, resource.inputs["serverName"])
        name, value = resource.name, resource.inputs.get("value")
        if running is None or value is None or name.startswith(AZURE_ONLY):
            return
        try:
            running.configure({name: str(value)})
        except psycopg.Error as error:
            expectation = str(error).splitlines()[0]
            problem = refused("configurationName", name, expectation)
            raise ResourceError(self.pulumi_type, resource.logical_name, [problem]) from None

    def update(self, resource: Resource) -> None:
        self.create(resource)


class FirewallRule(ResourceType):
    """Checked only: everything here comes from this machine."""

    pulumi_type = "azure-native:dbforpostgresql:FirewallRule"
    path = ArmPath(
        "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules",
        ("serverName", "firewallRuleName"),
    )
    name_rule = NameRule(1, 128, r"[\w-]+", "letters, digits, hyphens and underscores")
    billing = Free("is in its server's price")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Of a server with public access; a range of 65536 addresses at most."""
        first, last = str(inputs["startIpAddress"]), str(inputs["endIpAddress"])
        problems = []
        if (first, last) != ("0.0.0.0", "0.0.0.0"):  # noqa: S104 - Azure's form of "all of Azure"
            try:
                database.firewall_range(f"{first}-{last}")
            except ValueError as error:
                problems.append(refused("endIpAddress", last, str(error)))
        server = find_server(self.azure, str(inputs.get("serverName", "")))
        given = (server.inputs.get("network") or {}) if server is not None else {}
        if given.get("delegatedSubnetResourceId"):
            expectation = "expected a server with public access; this one is in a network"
            problems.append(refused("serverName", inputs["serverName"], expectation))
        return problems


class AdministratorsMicrosoftEntra(ResourceType):
    """Somebody who signs in with tokens; here the tokens that this run's own door gives."""

    pulumi_type = "azure-native:dbforpostgresql:AdministratorsMicrosoftEntra"
    path = ArmPath(
        "Microsoft.DBforPostgreSQL/flexibleServers/administrators", ("serverName", "objectId")
    )
    name_rule = NameRule(36, 36, GUID, "an object id")
    # The SDK's dbforpostgresql.PrincipalType is the Citus API's (`servicePrincipal`).
    allowed_values = {"principalType": ("Group", "ServicePrincipal", "Unknown", "User")}
    billing = Free("is in its server's price")
    replace_on = ("objectId", "principalName", "principalType", "serverName", "tenantId")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Of a server that takes Entra sign-ins, with all that names the identity."""
        server = find_server(self.azure, str(inputs.get("serverName", "")))
        config = (server.inputs.get("authConfig") or {}) if server is not None else {}
        if server is not None and config.get("activeDirectoryAuth") != "Enabled":
            expectation = "expected a server with authConfig.activeDirectoryAuth Enabled"
            return [refused("serverName", server.name, expectation)]
        return [
            refused(key, ABSENT, "expected the identity's own", "is missing")
            for key in ("objectId", "principalName", "principalType", "tenantId")
            if not inputs.get(key)
        ]

    def create(self, resource: Resource) -> None:
        """Until a token is given to it, nobody knows its password."""
        running = server_of(self.azure, resource.inputs["serverName"])
        if running is not None:
            unknown = self.azure.resources.digest("nobody's", resource.id)
            name = str(resource.inputs["principalName"])
            running.create_role(name, unknown, administrator=True)

    def update(self, resource: Resource) -> None:
        """Nothing of it can change without a new one."""

    def delete(self, resource: Resource) -> None:
        """The role stays while it owns something, as Azure's does."""


class Administrator(RecordedType):
    """An administrator of a server of the API for clusters."""

    pulumi_type = "azure-native:dbforpostgresql:Administrator"
    path = ArmPath(
        "Microsoft.DBforPostgreSQL/flexibleServers/administrators", ("serverName", "objectId")
    )
    billing = Free("is in its server's price")


def token_given(azure: Subscription, principal: str, token: str) -> None:
    """A token for databases was given to an identity: it is the password where that may sign in."""
    for each in azure.resources.list(AdministratorsMicrosoftEntra.pulumi_type):
        running = server_of(azure, each.inputs["serverName"])
        if running is not None and str(each.inputs["objectId"]).lower() == principal.lower():
            running.set_password(str(each.inputs["principalName"]), token)


def find_server(azure: Subscription, name: str) -> Resource | None:
    return next(
        (
            each
            for each in azure.resources.list(Server.pulumi_type)
            if each.name.lower() == name.lower()
        ),
        None,
    )


def server_of(azure: Subscription, name: object) -> PostgresServer | None:
    """The running one behind a flexible server; None where none runs."""
    return _running(azure).get(str(name).lower())


class _RunningServers(dict[str, PostgresServer]):
    """By the flexible server's name in lower case."""

    def __init__(self, _azure: Subscription) -> None:
        super().__init__()


def _running(azure: Subscription) -> _RunningServers:
    return azure.service(_RunningServers)


def _disk(server: Resource) -> int:
    return int(
        (server.inputs.get("storage") or {}).get("storageSizeGB") or database.STORAGE_SIZES[0]
    )


TYPES: Final[list[type[ResourceType]]] = [
    Server,
    Database,
    Configuration,
    FirewallRule,
    AdministratorsMicrosoftEntra,
    Administrator,
]
