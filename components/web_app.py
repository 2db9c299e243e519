"""WebApp: any Python web app, its code, and its logs on their way to the log store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_command
from pulumi_azure_native import keyvault, monitor, web

from components import naming, provider_settings
from components.diagnostics import logged_metrics
from components.limits import log_category
from components.limits.app_service import has_always_on, refusals
from components.publish import bundle, source_folder
from components.publish.publish_command import from_here, publish_command
from components.unique_suffix import unique_suffix
from components.vault_reference import vault_reference

HEALTH_PATH = "/health"
PYTHON_VERSION = "3.12"

# Without AppLogs, which Java alone has on Linux.
LOG_CATEGORIES = tuple(each for each in log_category.EVERY_TIER if each != "AppServiceAppLogs")

# What the build on App Service reads: a change of these takes a new build to have an effect.
BUILD_SETTINGS = {"SCM_DO_BUILD_DURING_DEPLOYMENT": "true"}


class WebAppArgs(TypedDict):
    """Inputs of WebApp."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the app."""
    location: pulumi.Input[str]
    """Required. Azure region of the app."""
    workspace_id: pulumi.Input[str]
    """Required. Log Analytics workspace that gets the app's logs."""
    source_folder: str
    """Required. Folder of the app's code, with a requirements.txt at its top."""
    start_command: str
    """Required. Shell command that serves the app on the port in PORT: gunicorn shop.wsgi."""
    health_path: NotRequired[str]
    """Optional. Path of the health page; /health by default."""
    health_text: NotRequired[str]
    """Optional. Text that the health page must hold; any answer of 200 will do by default."""
    tells_version: NotRequired[bool]
    """Optional. Whether the health page is a JSON object whose version is the first line of the
    file VERSION that the deployed folder gets; false by default. It proves that the new code is
    what answers, and saves an upload where it answers already."""
    app_settings: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Environment variables of the app; none by default."""
    secret_settings: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Environment variables that nobody may see, which stay secrets of the stack, or go
    to the vault; none by default."""
    build_settings: NotRequired[dict[str, str]]
    """Optional. App settings that the build on App Service reads, such as PRE_BUILD_COMMAND; with
    SCM_DO_BUILD_DURING_DEPLOYMENT by default, which installs requirements.txt."""
    app_service_sku: NotRequired[str]
    """Optional. Size of the App Service plan; B1 by default."""
    instances: NotRequired[int]
    """Optional. Instances of the plan; 1 by default, more take a database and shared limits."""
    zone_redundant: NotRequired[bool]
    """Optional. Spread the plan over availability zones; false by default, Premium sizes only."""
    python_version: NotRequired[pulumi.Input[str]]
    """Optional. Python of the app; 3.12 by default."""
    app_subnet_id: NotRequired[pulumi.Input[str]]
    """Optional. Subnet by which the app reaches private addresses; none by default."""
    identity_id: NotRequired[pulumi.Input[str]]
    """Conditional. Azure id of an identity for the app; required with a vault or a database that
    it signs in to."""
    vault_name: NotRequired[pulumi.Input[str]]
    """Optional. Key vault for the app's secrets, which its identity may read; none by default."""
    publish_from: NotRequired[list[str]]
    """Optional. IPv4 ranges (CIDR) that reach the deployment site; all addresses by default, where
    an Entra token is asked of everybody."""
    log_metrics: NotRequired[bool]
    """Optional. Send metrics to the workspace too, where no query of ours reads them and most of a
    small stack's volume comes from; false by default. Metric alerts and charts work without."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class WebApp(pulumi.ComponentResource):
    """App Service plan, Linux web app with its code, and a diagnostic setting."""

    url: pulumi.Output[str]
    """Where the app answers."""
    app_name: pulumi.Output[str]
    """Name of the web app."""
    app_id: pulumi.Output[str]
    """Azure id of the web app."""
    plan_id: pulumi.Output[str]
    """Azure id of the App Service plan."""
    principal_id: pulumi.Output[str]
    """Id of the app's own identity, for role assignments."""

    def __init__(
        self, name: str, args: WebAppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:WebApp", name, {}, opts)
        self._name, self._args = name, args
        self._source = Path(args["source_folder"])
        self._build_settings = {**BUILD_SETTINGS, **(args.get("build_settings") or {})}
        self._check()
        plan = self._plan()
        app = self._web_app(plan)
        before_code = [app, *self._closed_doors(app), self._diagnostics(app)]
        self._code(app, before_code)
        self.url = pulumi.Output.concat("https://", app.default_host_name)
        self.app_name = app.name
        self.app_id = app.id
        self.plan_id = plan.id
        self.principal_id = app.identity.apply(_principal)
        self.register_outputs({key: getattr(self, key) for key in type(self).__annotations__})

    def _check(self) -> None:
        args = self._args
        for refused in refusals(
            self._sku,
            instances=int(args.get("instances", 1)),
            zone_redundant=bool(args.get("zone_redundant", False)),
            joins_network=args.get("app_subnet_id") is not None,
            shares_limits=True,  # what an app counts, and where, is its own affair
            shares_users=True,
        ):
            words = f"{refused.value} {refused.problem}; {refused.expectation}"
            raise pulumi.InputPropertyError(refused.key, words)
        for wrong in source_folder.refusals(self._source, args["start_command"]):
            said = str(wrong).removeprefix(f"{wrong.where.property} ")
            raise pulumi.InputPropertyError(wrong.where.property, said)
        if not self._health_path.startswith("/"):
            said = f"{self._health_path!r} is no path; expected one that begins with /"
            raise pulumi.InputPropertyError("health_path", said)
        if args.get("vault_name") is not None and args.get("identity_id") is None:
            raise pulumi.InputPropertyError("identity_id", "is missing; expected with vault_name")

    def _plan(self) -> web.AppServicePlan:
        return web.AppServicePlan(
            f"{self._name}-plan",
            resource_group_name=self._args["resource_group_name"],
            location=self._args["location"],
            kind="linux",
            reserved=True,  # without it Azure makes a Windows plan
            sku=web.SkuDescriptionArgs(
                name=self._sku, capacity=int(self._args.get("instances", 1))
            ),
            zone_redundant=self._args.get("zone_redundant"),
            tags=self._args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _web_app(self, plan: web.AppServicePlan) -> web.WebApp:
        suffix = unique_suffix(self._name, self._args, pulumi.ResourceOptions(parent=self))
        return web.WebApp(
            f"{self._name}-site",
            name=suffix.apply(lambda digits: naming.web_app_name(self._name, digits)),
            resource_group_name=self._args["resource_group_name"],
            location=self._args["location"],
            kind="app,linux",
            reserved=True,
            server_farm_id=plan.id,
            https_only=True,
            client_affinity_enabled=False,
            ssh_enabled=False,  # a shell inside the app, for whoever may deploy it
            identity=self._identity(),
            # Its role is given before the app exists, so that the first start finds its secrets;
            # the app's own identity is born with the app, and would come too late.
            key_vault_reference_identity=self._args.get("identity_id")
            if self._args.get("vault_name") is not None
            else None,
            virtual_network_subnet_id=self._args.get("app_subnet_id"),
            site_config=self._site_config(),
            tags=self._args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _identity(self) -> web.ManagedServiceIdentityArgs:
        given = self._args.get("identity_id")
        if given is None:
            return web.ManagedServiceIdentityArgs(
                type=web.ManagedServiceIdentityType.SYSTEM_ASSIGNED
            )
        return web.ManagedServiceIdentityArgs(
            type=web.ManagedServiceIdentityType.SYSTEM_ASSIGNED_USER_ASSIGNED,
            user_assigned_identities=[given],
        )

    def _site_config(self) -> web.SiteConfigArgs:
        always_on = has_always_on(self._sku)
        return web.SiteConfigArgs(
            linux_fx_version=self._runtime,
            app_command_line=self._args["start_command"],
            health_check_path=self._health_path,
            always_on=always_on,
            use32_bit_worker_process=not always_on,
            min_tls_version="1.2",
            scm_min_tls_version="1.2",
            ftps_state="Disabled",
            http20_enabled=True,
            app_settings=self._app_settings(),
            **self._publishing_doors(),
        )

    def _publishing_doors(self) -> dict[str, Any]:
        """Whom the deployment site lets in, where it is not everybody."""
        ranges = self._args.get("publish_from")
        if not ranges:
            return {}
        return {
            "scm_ip_security_restrictions_use_main": False,
            "scm_ip_security_restrictions_default_action": "Deny",
            "scm_ip_security_restrictions": [
                web.IpSecurityRestrictionArgs(
                    name=f"publish-{number}", ip_address=each, action="Allow", priority=100 + number
                )
                for number, each in enumerate(ranges)
            ],
        }

    def _app_settings(self) -> list[web.NameValuePairArgs]:
        """All of them, here: a setting that changes later would restart Kudu under the upload."""
        secrets = self._args.get("secret_settings") or {}
        settings: Mapping[str, pulumi.Input[str]] = {
            **(self._args.get("app_settings") or {}),
            **{name: self._secret(name, value) for name, value in secrets.items()},
            **self._build_settings,
            # Without these App Service takes any answer for a warm app, an error page among them,
            # and sends visitors there (Microsoft's reference of app settings).
            "WEBSITE_WARMUP_PATH": self._health_path,
            "WEBSITE_WARMUP_STATUSES": "200",
        }
        return [web.NameValuePairArgs(name=name, value=settings[name]) for name in sorted(settings)]

    def _secret(self, setting: str, value: pulumi.Input[str]) -> pulumi.Output[str]:
        """The value as a secret of the stack; with a vault, a reference to where it lies there."""
        vault = self._args.get("vault_name")
        if vault is None:
            return pulumi.Output.secret(value)
        secret = keyvault.Secret(
            f"{self._name}-stored-{setting.lower().replace('_', '-')}",
            vault_name=vault,
            resource_group_name=self._args["resource_group_name"],
            properties=keyvault.SecretPropertiesArgs(value=pulumi.Output.secret(value)),
            tags=self._args.get("tags"),
            # The provider deletes a secret by the vault's own API, for which whoever deploys has
            # no role; the vault takes it along.
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        # Whoever knows the vault's name has waited for the app's role there.
        uri = secret.properties.secret_uri_with_version
        return pulumi.Output.all(vault, uri).apply(lambda known: vault_reference(str(known[1])))

    def _closed_doors(self, app: web.WebApp) -> list[pulumi.Resource]:
        """No passwords for deployment: Kudu takes Entra tokens, FTP is off."""
        return [
            kind(
                f"{self._name}-{role}",
                name=app.name,
                resource_group_name=self._args["resource_group_name"],
                allow=False,
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
            for role, kind in (("scm", web.WebAppScmAllowed), ("ftp", web.WebAppFtpAllowed))
        ]

    def _diagnostics(self, app: web.WebApp) -> monitor.DiagnosticSetting:
        # No logAnalyticsDestinationType: App Service has its own tables anyway, and the property
        # comes back as a difference at every refresh.
        return monitor.DiagnosticSetting(
            f"{self._name}-diagnostics",
            resource_uri=app.id,
            workspace_id=self._args["workspace_id"],
            logs=[
                monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True)
                for category in LOG_CATEGORIES
            ],
            metrics=logged_metrics(self._args.get("log_metrics", False)),
            # A resource sends a category to a workspace once: Azure refuses a second setting.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _code(self, app: web.WebApp, after: list[pulumi.Resource]) -> None:
        """Again whenever the site is another one, though it may have the name of the last: its
        identity is new with each. A new runtime is a new version, because what was built for the
        old one is no use under it.
        """
        settings = self._build_settings
        built_for = self._runtime.apply(
            lambda runtime: "\n".join([runtime, *(f"{k}={v}" for k, v in settings.items())])
        )
        version = built_for.apply(lambda known: bundle.version(self._source, known))
        host = app.default_host_name
        health_text = self._args.get("health_text")
        pulumi_command.local.Command(
            f"{self._name}-code",
            create=publish_command(),
            environment={
                "PUBLISH_SOURCE": from_here(self._source),
                "PUBLISH_SCM_URL": host.apply(lambda name: f"https://{naming.scm_host(name)}"),
                "PUBLISH_HEALTH_URL": pulumi.Output.concat("https://", host, self._health_path),
                "PUBLISH_VERSION": version,
                "PUBLISH_BUILT_FOR": built_for,
                **({"PUBLISH_HEALTH_TEXT": health_text} if health_text else {}),
                **({"PUBLISH_TELLS_VERSION": "true"} if self._args.get("tells_version") else {}),
                **provider_settings.environment(),
            },
            triggers=[version, app.identity.apply(_principal)],
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    @property
    def _runtime(self) -> pulumi.Output[str]:
        return pulumi.Output.concat("PYTHON|", self._args.get("python_version") or PYTHON_VERSION)

    @property
    def _health_path(self) -> str:
        return self._args.get("health_path") or HEALTH_PATH

    @property
    def _sku(self) -> str:
        return self._args.get("app_service_sku") or "B1"


def _principal(identity: web.outputs.ManagedServiceIdentityResponse | None) -> str:
    return identity.principal_id if identity else ""
