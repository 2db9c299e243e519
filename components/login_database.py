"""LoginDatabase: PostgreSQL for the app's users, private unless somebody asks for the contrary."""

from typing import NotRequired, TypedDict
from urllib.parse import quote

import pulumi
import pulumi_random
from pulumi_azure_native import dbforpostgresql, monitor, privatedns

from components import naming
from components.diagnostics import logged_metrics
from components.limits import database as database_limits
from components.unique_suffix import unique_suffix

ADMINISTRATOR = "loginadmin"
PORT = 5432

# One after another: a server takes one change at a time (ServerBusy). Failed sign-ins to the
# database are always logged; the connections around them tell where from.
CONFIGURATIONS = {
    "log_connections": "on",
    "log_disconnections": "on",
    "require_secure_transport": "on",
    "ssl_min_protocol_version": "TLSv1.2",
}

_PASSWORD_LENGTH = 32


class LoginDatabaseArgs(TypedDict):
    """Inputs of LoginDatabase."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the server."""
    location: pulumi.Input[str]
    """Required. Azure region of the server."""
    workspace_id: pulumi.Input[str]
    """Required. Log Analytics workspace that gets the server's logs."""
    network_id: NotRequired[pulumi.Input[str]]
    """Conditional. Virtual network that names are resolved in; required without public access."""
    database_subnet_id: NotRequired[pulumi.Input[str]]
    """Conditional. Subnet delegated to PostgreSQL; required without public access."""
    database_public_access: NotRequired[list[str]]
    """Optional. IPv4 addresses or ranges that reach the server by the internet; none by default.
    The word azure stands for every address inside Azure, whoever rents it."""
    database_name: NotRequired[str]
    """Optional. Name of the database; logins by default."""
    database_sku: NotRequired[str]
    """Optional. Size of the PostgreSQL server; Standard_B1ms by default."""
    database_version: NotRequired[str]
    """Optional. Major version of PostgreSQL, 13 to 18; 17 by default."""
    database_storage_gb: NotRequired[int]
    """Optional. Size of the disk in GiB, 32 or a larger disk size; it never gets smaller; 32 by
    default."""
    database_backup_days: NotRequired[int]
    """Optional. Days that backups are kept, 7 to 35; 7 by default."""
    database_geo_backup: NotRequired[bool]
    """Optional. Keep backups in the paired region too, which can only be chosen for a new server;
    false by default."""
    database_zone_redundant: NotRequired[bool]
    """Optional. A standby in another availability zone; false by default, no burstable size."""
    database_authentication: NotRequired[str]
    """Optional. How the app signs in to it: password, entra or both; password by default."""
    identity_name: NotRequired[pulumi.Input[str]]
    """Conditional. Name of the app's identity; required with entra or both."""
    identity_principal_id: NotRequired[pulumi.Input[str]]
    """Conditional. Object id of the app's identity; required with entra, both, or a vault."""
    tenant_id: NotRequired[pulumi.Input[str]]
    """Conditional. Entra tenant of the app's identity; required with entra, both, or a vault."""
    protect_data: NotRequired[bool]
    """Optional. Refuse to delete what keeps data; false by default."""
    log_metrics: NotRequired[bool]
    """Optional. Send metrics to the workspace too, where no query of ours reads them and most of a
    small stack's volume comes from; false by default. Metric alerts and charts work without."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class LoginDatabase(pulumi.ComponentResource):
    """Flexible server with one database, TLS required, its logs in tables of their own."""

    server_id: pulumi.Output[str]
    """Azure id of the server."""
    host: pulumi.Output[str]
    """Name by which clients reach the server."""
    database_name: pulumi.Output[str]
    """Name of the database."""
    database_url: pulumi.Output[str]
    """Secret. SQLAlchemy URL for the app; without a password where its identity signs in."""

    def __init__(
        self, name: str, args: LoginDatabaseArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:LoginDatabase", name, {}, opts)
        self._name, self._args = name, args
        self._choice = database_limits.DatabaseChoice.of(args)
        # Almost everything here has a name of ours, which two cannot have at once.
        self._child = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        self._check()
        password = self._password() if self._choice.has_passwords else None
        server = self._server(password)
        database = self._database(server)
        last = self._configured(server, database)
        self._diagnostics(server)
        self.server_id = server.id
        self.host = server.fully_qualified_domain_name
        self.database_name = database.name
        # Whoever uses the URL waits for all that makes the server usable.
        url = pulumi.Output.all(
            self.host, self.database_name, *self._sign_in(password), last.id
        ).apply(lambda known: database_url(*map(str, known[:4])))
        self.database_url = pulumi.Output.secret(url)
        self.register_outputs({key: getattr(self, key) for key in type(self).__annotations__})

    def _check(self) -> None:
        for key, problem in self._choice.problems().items():
            raise pulumi.InputPropertyError(key, problem)
        if self._choice.is_private:
            where = ("network_id", "database_subnet_id")
            self._require(where, "with a private server; or give database_public_access")
        if self._choice.has_entra:
            who = ("identity_name", "identity_principal_id", "tenant_id")
            way = self._choice.database_authentication
            self._require(who, f"with database_authentication {way}")

    def _require(self, keys: tuple[str, ...], reason: str) -> None:
        for key in keys:
            if self._args.get(key) is None:
                raise pulumi.InputPropertyError(key, f"is missing; expected {reason}")

    def _password(self) -> pulumi.Output[str]:
        made = pulumi_random.RandomPassword(
            f"{self._name}-password",
            length=_PASSWORD_LENGTH,
            special=False,
            min_lower=1,
            min_numeric=1,
            min_upper=1,  # Azure asks for three of the four kinds of character
            opts=self._child,
        )
        return made.result

    def _server(self, password: pulumi.Output[str] | None) -> dbforpostgresql.Server:
        # Private or public for life; an app that is led to a new, empty server has to start anew.
        network = "private" if self._choice.is_private else "public"
        suffix = unique_suffix(self._name, self._args, self._child, {"network": network})
        private = self._zone(suffix) if self._choice.is_private else None
        limit, sku = naming.DATABASE_SERVER_LIMIT, self._choice.database_sku
        return dbforpostgresql.Server(
            f"{self._name}-server",
            server_name=suffix.apply(lambda digits: naming.unique_name(self._name, digits, limit)),
            resource_group_name=self._args["resource_group_name"],
            location=self._args["location"],
            version=self._choice.database_version,
            sku=dbforpostgresql.SkuArgs(name=sku, tier=database_limits.tier(sku)),
            storage=dbforpostgresql.StorageArgs(
                storage_size_gb=self._choice.database_storage_gb,
                # A disk that grows by itself would be smaller in the program than in Azure, which
                # takes no smaller one: every later change of the server would be refused.
                auto_grow="Disabled",
            ),
            backup=dbforpostgresql.BackupArgs(
                backup_retention_days=self._choice.database_backup_days,
                geo_redundant_backup="Enabled"
                if self._args.get("database_geo_backup")
                else "Disabled",
            ),
            high_availability=dbforpostgresql.HighAvailabilityArgs(
                mode="ZoneRedundant" if self._choice.database_zone_redundant else "Disabled"
            ),
            auth_config=self._auth_config(),
            administrator_login=ADMINISTRATOR if password is not None else None,
            administrator_login_password=password,
            network=self._network(private),
            tags=self._args.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[private] if private is not None else None,
                delete_before_replace=True,
                protect=True if self._args.get("protect_data") else None,
                ignore_changes=self._kept_for_life(),
            ),
        )

    def _kept_for_life(self) -> list[str]:
        """What the server keeps as it was, whatever the program says later.

        "Once set to a given value, it cannot be changed for the rest of the life of a server"
        (types of Microsoft.DBforPostgreSQL): without a login to tell, the provider deletes the
        server to make one that never had any (pulumi-azure-native #3869), with all accounts in it.
        Nothing calls for that: with passwords switched off the login opens nothing.
        """
        login = ["administratorLogin"]
        return login if self._choice.has_passwords else [*login, "administratorLoginPassword"]

    def _auth_config(self) -> dbforpostgresql.AuthConfigArgs:
        return dbforpostgresql.AuthConfigArgs(
            active_directory_auth="Enabled" if self._choice.has_entra else "Disabled",
            password_auth="Enabled" if self._choice.has_passwords else "Disabled",
            tenant_id=self._args.get("tenant_id") if self._choice.has_entra else None,
        )

    def _network(self, link: privatedns.VirtualNetworkLink | None) -> dbforpostgresql.NetworkArgs:
        if link is None:
            return dbforpostgresql.NetworkArgs(public_network_access="Enabled")
        return dbforpostgresql.NetworkArgs(
            delegated_subnet_resource_id=self._args["database_subnet_id"],
            private_dns_zone_arm_resource_id=link.id.apply(
                lambda found: found.partition("/virtualNetworkLinks/")[0]
            ),
            public_network_access="Disabled",
        )

    def _zone(self, suffix: pulumi.Output[str]) -> privatedns.VirtualNetworkLink:
        """The zone that leads the server's name to its private address, seen from the network."""
        zone = privatedns.PrivateZone(
            f"{self._name}-zone",
            # Not <server>.postgres.database.azure.com itself, which Azure refuses.
            private_zone_name=suffix.apply(
                lambda digits: f"login-{digits}.private.postgres.database.azure.com"
            ),
            resource_group_name=self._args["resource_group_name"],
            location="global",
            tags=self._args.get("tags"),
            opts=self._child,
        )
        return privatedns.VirtualNetworkLink(
            f"{self._name}-zone-link",
            private_zone_name=zone.name,
            resource_group_name=self._args["resource_group_name"],
            location="global",
            registration_enabled=False,
            virtual_network=privatedns.SubResourceArgs(id=self._args["network_id"]),
            tags=self._args.get("tags"),
            opts=self._child,
        )

    def _database(self, server: dbforpostgresql.Server) -> dbforpostgresql.Database:
        return dbforpostgresql.Database(
            f"{self._name}-database",
            database_name=self._choice.database_name,
            server_name=server.name,
            resource_group_name=self._args["resource_group_name"],
            charset="UTF8",
            collation="en_US.utf8",
            opts=self._child,
        )

    def _configured(
        self, server: dbforpostgresql.Server, database: dbforpostgresql.Database
    ) -> pulumi.CustomResource:
        """Everything that changes the server, in a row; the last of it."""
        last: pulumi.CustomResource = database
        where = {
            "server_name": server.name,
            "resource_group_name": self._args["resource_group_name"],
        }
        for key, value in CONFIGURATIONS.items():
            last = dbforpostgresql.Configuration(
                f"{self._name}-{key.replace('_', '-')}",
                configuration_name=key,
                source="user-override",
                value=value,
                opts=self._after(last),
                **where,
            )
        for number, text in enumerate(self._choice.database_public_access):
            first, end = database_limits.firewall_range(text)
            last = dbforpostgresql.FirewallRule(
                f"{self._name}-access-{number}",
                start_ip_address=first,
                end_ip_address=end,
                opts=self._after(last),
                **where,
            )
        if self._choice.has_entra:
            last = dbforpostgresql.AdministratorsMicrosoftEntra(
                f"{self._name}-administrator",
                object_id=self._args["identity_principal_id"],
                principal_name=self._args["identity_name"],
                principal_type="ServicePrincipal",
                tenant_id=self._args["tenant_id"],
                opts=self._after(last),
                **where,
            )
        return last

    def _after(self, before: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=[before], delete_before_replace=True)

    def _diagnostics(self, server: dbforpostgresql.Server) -> None:
        monitor.DiagnosticSetting(
            f"{self._name}-diagnostics",
            resource_uri=server.id,
            workspace_id=self._args["workspace_id"],
            # Else the rows land in AzureDiagnostics, and no query finds them in PGSQLServerLogs.
            log_analytics_destination_type="Dedicated",
            logs=[monitor.DiagnosticsLogSettingsArgs(category="PostgreSQLLogs", enabled=True)],
            metrics=logged_metrics(self._args.get("log_metrics", False)),
            opts=self._child,
        )

    def _sign_in(
        self, password: pulumi.Output[str] | None
    ) -> tuple[pulumi.Input[str], pulumi.Input[str]]:
        """User and password of the app; its identity needs none, even where others have one."""
        if self._choice.has_entra or password is None:
            return self._args["identity_name"], ""
        return ADMINISTRATOR, password


def database_url(host: str, database: str, user: str, password: str) -> str:
    """For SQLAlchemy and psycopg; TLS always. No password: a token takes its place."""
    sign_in = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return f"postgresql+psycopg://{sign_in}@{host}:{PORT}/{quote(database)}?sslmode=require"
