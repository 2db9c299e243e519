"""LoginApp: the login app of this package as a WebApp, with what it alone is told."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

import pulumi
import pulumi_random

from components.content.places import APP_SOURCE
from components.limits.app_service import refusals
from components.web_app import WebApp, WebAppArgs

START_COMMAND = "python serve.py --bind 0.0.0.0:8000"
HEALTH_TEXT = "login-monitor"
"""What the health page of our app holds, and App Service's own pages do not."""

_SECRET_KEY_LENGTH = 64
_PASSWORD_LENGTH = 24
FIRST_USER = "first-user"
CAPTCHAS = ("off", "adaptive", "always")
INITIAL_PASSWORDS = ("change", "keep")
_AS_GIVEN = (
    *("resource_group_name", "location", "workspace_id", "app_service_sku", "instances"),
    *("zone_redundant", "python_version", "app_subnet_id", "identity_id", "vault_name"),
    *("publish_from", "log_metrics", "tags"),
)
"""Inputs that WebApp has too."""


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
    """Optional. Instances of the plan; 1 by default, more take a database and shared limits."""
    zone_redundant: NotRequired[bool]
    """Optional. Spread the plan over availability zones; false by default, Premium sizes only."""
    python_version: NotRequired[pulumi.Input[str]]
    """Optional. Python of the app; 3.12 by default."""
    rate_limit: NotRequired[pulumi.Input[str]]
    """Optional. Attempts of an IPv4 address or IPv6 /64; 30 per minute, 2000 per day by default."""
    captcha: NotRequired[pulumi.Input[str]]
    """Optional. When the form asks for a proof of work: off, adaptive or always; adaptive by
    default."""
    initial_passwords: NotRequired[pulumi.Input[str]]
    """Optional. Whether initial passwords have to change, or may keep; change by default."""
    session_hours: NotRequired[int]
    """Optional. Hours after which a session ends however it is used; 12 by default."""
    session_idle_minutes: NotRequired[int]
    """Optional. Minutes after which a session ends that is not used; 30 by default."""
    second_factor_for: NotRequired[list[pulumi.Input[str]]]
    """Optional. User names that need a second factor, * for everybody; nobody by default."""
    password_hash: NotRequired[pulumi.Input[str]]
    """Optional. Cost of a password hash; m=12288,t=3 (KiB, passes of argon2id) by default."""
    trusted_proxies: NotRequired[list[pulumi.Input[str]]]
    """Optional. Networks of proxies whose word on the client's address counts; none by default."""
    app_subnet_id: NotRequired[pulumi.Input[str]]
    """Optional. Subnet by which the app reaches private addresses; none by default."""
    database_url: NotRequired[pulumi.Input[str]]
    """Optional. SQLAlchemy URL of the users' database; a file of the app's own by default."""
    limits_url: NotRequired[pulumi.Input[str]]
    """Optional. Redis URL of shared rate limits; each instance counts by itself by default."""
    identity_id: NotRequired[pulumi.Input[str]]
    """Conditional. Azure id of an identity for the app; required with a vault or a database that
    it signs in to."""
    database_identity: NotRequired[pulumi.Input[str]]
    """Optional. Client id of the identity that signs in to the database; none by default."""
    vault_name: NotRequired[pulumi.Input[str]]
    """Optional. Key vault for the app's secrets, which its identity may read; none by default."""
    publish_from: NotRequired[list[str]]
    """Optional. IPv4 ranges (CIDR) that reach the deployment site; all addresses by default, where
    an Entra token is asked of everybody."""
    source_folder: NotRequired[str]
    """Optional. Folder of the app's code; the login app of this package by default."""
    log_metrics: NotRequired[bool]
    """Optional. Send metrics to the workspace too, where no query of ours reads them and most of a
    small stack's volume comes from; false by default. Metric alerts and charts work without."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class LoginApp(pulumi.ComponentResource):
    """The login app on App Service: a WebApp with the settings that the app understands."""

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
    first_user_password: pulumi.Output[str]
    """Secret. Random password of the account first-user; empty where initial_users names others."""

    def __init__(
        self, name: str, args: LoginAppArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:LoginApp", name, {}, opts)
        self._name, self._args = name, args
        self._check()
        self.first_user_password = self._first_password()
        app = WebApp(name, self._web_app_args(), pulumi.ResourceOptions(parent=self))
        self.url = app.url
        self.app_name = app.app_name
        self.app_id = app.app_id
        self.plan_id = app.plan_id
        self.principal_id = app.principal_id
        self.register_outputs({key: getattr(self, key) for key in type(self).__annotations__})

    def _check(self) -> None:
        """What this app cannot do with several instances, or without an identity."""
        args = self._args
        for refused in refusals(
            args.get("app_service_sku") or "B1",
            instances=int(args.get("instances", 1)),
            zone_redundant=bool(args.get("zone_redundant", False)),
            joins_network=args.get("app_subnet_id") is not None,
            shares_limits=args.get("limits_url") is not None,
            shares_users=args.get("database_url") is not None,
        ):
            words = f"{refused.value} {refused.problem}; {refused.expectation}"
            raise pulumi.InputPropertyError(refused.key, words)
        if args.get("database_identity") is not None and args.get("identity_id") is None:
            said = "is missing; expected with database_identity"
            raise pulumi.InputPropertyError("identity_id", said)

    def _web_app_args(self) -> WebAppArgs:
        given: Mapping[str, Any] = self._args
        shared = {key: given[key] for key in _AS_GIVEN if given.get(key) is not None}
        own = {
            "source_folder": given.get("source_folder") or str(APP_SOURCE),
            "start_command": START_COMMAND,
            "health_text": HEALTH_TEXT,
            "tells_version": True,
            "app_settings": _stated(self._plain_settings()),
            "secret_settings": _stated(self._secret_settings()),
        }
        return cast(WebAppArgs, {**shared, **own})

    def _plain_settings(self) -> Mapping[str, pulumi.Input[str] | None]:
        args = self._args
        return {
            "APP_NAME": "login-app",
            "CAPTCHA": args.get("captcha"),
            "DATABASE_IDENTITY": args.get("database_identity"),
            "INITIAL_PASSWORDS": args.get("initial_passwords"),
            "PASSWORD_HASH": args.get("password_hash"),
            "RATE_LIMIT": args.get("rate_limit") or "30 per minute; 2000 per day",
            "SECOND_FACTOR_FOR": _commas(args.get("second_factor_for")),
            "SESSION_HOURS": _digits(args.get("session_hours")),
            "SESSION_IDLE_MINUTES": _digits(args.get("session_idle_minutes")),
            "TRUSTED_PROXIES": _commas(args.get("trusted_proxies")),
        }

    def _secret_settings(self) -> Mapping[str, pulumi.Input[str] | None]:
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
        return {
            "DATABASE_URL": self._args.get("database_url"),
            "INITIAL_USERS": users,
            "RATE_LIMIT_STORAGE_URL": self._args.get("limits_url"),
            "SECRET_KEY": key.result,
        }

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


def _stated(
    settings: Mapping[str, pulumi.Input[str] | None],
) -> dict[str, pulumi.Input[str]]:
    """Without what was left out: the app has its own default there."""
    return {name: value for name, value in settings.items() if value is not None}


def _commas(texts: list[pulumi.Input[str]] | None) -> pulumi.Output[str] | None:
    """The texts as the app reads them from one setting; None where there are none."""
    return pulumi.Output.all(*texts).apply(",".join) if texts else None


def _digits(number: int | None) -> str | None:
    # From programs in other languages whole numbers arrive as floats.
    return None if number is None else str(int(number))
