"""LoginApp: the web app with the login, its code, and its logs on their way to the log store."""

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NotRequired, TypedDict

import pulumi
import pulumi_command
import pulumi_random
from pulumi_azure_native import monitor, web

from components import bundle, naming
from components.app_service_limits import has_always_on

START_COMMAND = "gunicorn --config gunicorn.conf.py wsgi:app"
HEALTH_PATH = "/health"

# What App Service offers for Python on Linux in every tier. Left out: AppLogs (Java only on
# Linux), FileAudit and AntivirusScanAudit (Premium only; a plan below it refuses the setting).
LOG_CATEGORIES = (
    "AppServiceConsoleLogs",
    "AppServiceHTTPLogs",
    "AppServicePlatformLogs",
    "AppServiceAuditLogs",
    "AppServiceIPSecAuditLogs",
    "AppServiceAuthenticationLogs",
)

_HERE = Path(__file__).resolve().parent
_APP_SOURCE = _HERE.parent / "app_src"
_SECRET_KEY_LENGTH = 64
_PASSWORD_LENGTH = 24
FIRST_USER = "first-user"


class LoginAppArgs(TypedDict):
    """Inputs of LoginApp."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the app."""
    location: pulumi.Input[str]
    """Required. Azure region of the app."""
    workspace_id: pulumi.Input[str]
    """Required. Log Analytics workspace that gets the app's logs."""
    initial_users: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Optional. Passwords by user name of the first accounts; one for first-user by default."""
    app_service_sku: NotRequired[str]
    """Optional. Size of the App Service plan; B1 by default."""
    instances: NotRequired[int]
    """Optional. Instances of the plan; 1 by default, because rate limits are in memory."""
    python_version: NotRequired[pulumi.Input[str]]
    """Optional. Python of the app; 3.12 by default."""
    rate_limit: NotRequired[pulumi.Input[str]]
    """Optional. Sign-in attempts that one address may make; 30 per minute by default."""
    source_folder: NotRequired[str]
    """Optional. Folder of the app's code; the login app of this package by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class LoginApp(pulumi.ComponentResource):
    """App Service plan, Linux web app with its code, and a diagnostic setting."""

    url: pulumi.Output[str]
    """Where the app answers."""
    app_name: pulumi.Output[str]
    """Name of the web app."""
    app_id: pulumi.Output[str]
    """Azure id of the web app."""
    principal_id: pulumi.Output[str]
    """Id of the app's own identity, for role assignments."""
    first_user_password: pulumi.Output[str]
    """Secret. Random password of the account first-user; empty where initial_users names others."""

    def __init__(
        self, name: str, args: LoginAppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:LoginApp", name, {}, opts)
        self._name, self._args = name, args
        self.first_user_password = self._first_password()
        app = self._web_app(self._plan())
        before_code = [app, *self._closed_doors(app), self._diagnostics(app)]
        self._code(app, before_code)
        self.url = pulumi.Output.concat("https://", app.default_host_name)
        self.app_name = app.name
        self.app_id = app.id
        self.principal_id = app.identity.apply(lambda found: found.principal_id if found else "")
        self.register_outputs(
            {
                "url": self.url,
                "app_name": self.app_name,
                "app_id": self.app_id,
                "principal_id": self.principal_id,
                "first_user_password": self.first_user_password,
            }
        )

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
            tags=self._args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _web_app(self, plan: web.AppServicePlan) -> web.WebApp:
        suffix = pulumi_random.RandomId(
            f"{self._name}-suffix", byte_length=3, opts=pulumi.ResourceOptions(parent=self)
        )
        return web.WebApp(
            f"{self._name}-site",
            name=suffix.hex.apply(lambda digits: naming.web_app_name(self._name, digits)),
            resource_group_name=self._args["resource_group_name"],
            location=self._args["location"],
            kind="app,linux",
            reserved=True,
            server_farm_id=plan.id,
            https_only=True,
            client_affinity_enabled=False,
            identity=web.ManagedServiceIdentityArgs(
                type=web.ManagedServiceIdentityType.SYSTEM_ASSIGNED
            ),
            site_config=self._site_config(),
            tags=self._args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _site_config(self) -> web.SiteConfigArgs:
        always_on = has_always_on(self._sku)
        return web.SiteConfigArgs(
            linux_fx_version=pulumi.Output.concat(
                "PYTHON|", self._args.get("python_version") or "3.12"
            ),
            app_command_line=START_COMMAND,
            health_check_path=HEALTH_PATH,
            always_on=always_on,
            use32_bit_worker_process=not always_on,
            min_tls_version="1.2",
            scm_min_tls_version="1.2",
            ftps_state="Disabled",
            http20_enabled=True,
            app_settings=self._app_settings(),
        )

    def _app_settings(self) -> list[web.NameValuePairArgs]:
        """All of them, here: a setting that changes later would restart Kudu under the upload."""
        key = pulumi_random.RandomPassword(
            f"{self._name}-secret-key",
            length=_SECRET_KEY_LENGTH,
            special=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        given = self._args.get("initial_users")
        users = pulumi.Output.json_dumps(
            {FIRST_USER: self.first_user_password} if given is None else given, sort_keys=True
        )
        settings: Mapping[str, pulumi.Input[str]] = {
            "APP_NAME": "login-app",
            "INITIAL_USERS": pulumi.Output.secret(users),
            # A second worker would count the limits anew; App Service is about to add some itself.
            "PYTHON_ENABLE_GUNICORN_MULTIWORKERS": "false",
            "RATE_LIMIT": self._args.get("rate_limit") or "30 per minute",
            "SCM_DO_BUILD_DURING_DEPLOYMENT": "true",
            "SECRET_KEY": key.result,
        }
        return [
            web.NameValuePairArgs(name=setting, value=value) for setting, value in settings.items()
        ]

    def _first_password(self) -> pulumi.Output[str]:
        """An app that nobody can sign in to is no use, and a known first password is worse."""
        if self._args.get("initial_users") is not None:
            return pulumi.Output.secret("")
        made = pulumi_random.RandomPassword(
            f"{self._name}-first-user",
            length=_PASSWORD_LENGTH,
            special=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.secret(made.result)

    def _closed_doors(self, app: web.WebApp) -> list[pulumi.Resource]:
        """No passwords for deployment: Kudu takes Entra tokens, FTP is off."""
        return [
            kind(
                f"{self._name}-{role}",
                name=app.name,
                resource_group_name=self._args["resource_group_name"],
                allow=False,
                opts=pulumi.ResourceOptions(parent=self),
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
            metrics=[monitor.DiagnosticsMetricSettingsArgs(category="AllMetrics", enabled=True)],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _code(self, app: web.WebApp, after: list[pulumi.Resource]) -> None:
        source = Path(self._args.get("source_folder") or _APP_SOURCE)
        version = bundle.version(source)
        host = app.default_host_name
        pulumi_command.local.Command(
            f"{self._name}-code",
            create=publish_command(),
            environment={
                "PUBLISH_SOURCE": from_here(source),
                "PUBLISH_SCM_URL": host.apply(lambda name: f"https://{naming.scm_host(name)}"),
                "PUBLISH_HEALTH_URL": pulumi.Output.concat("https://", host, HEALTH_PATH),
                "PUBLISH_VERSION": version,
            },
            triggers=[version],
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )

    @property
    def _sku(self) -> str:
        return self._args.get("app_service_sku") or "B1"


def publish_command() -> str:
    """The shell command that brings the code; the same text on every machine with a .venv."""
    return shlex.join([from_here(Path(sys.executable)), from_here(_HERE / "publish.py")])


def from_here(path: Path) -> str:
    """Relative where it lies in the working folder, so that no machine's path enters the state."""
    relative = os.path.relpath(os.path.abspath(path))
    return str(path) if relative.startswith(os.pardir) else Path(relative).as_posix()
