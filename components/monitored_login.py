"""MonitoredLogin: a login app, its logs, the detections on them, and whoever is told."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, TypeVar, cast

import pulumi
from pulumi_azure_native import resources

from components.alert_routing import AlertRouting, AlertRoutingArgs
from components.detection_set import DetectionOverride, DetectionSet, DetectionSetArgs
from components.log_store import LogStore, LogStoreArgs
from components.login_app import LoginApp, LoginAppArgs

_Args = TypeVar("_Args")
_PORTAL = "https://portal.azure.com/#resource"


class MonitoredLoginArgs(TypedDict):
    """Inputs of MonitoredLogin."""

    location: pulumi.Input[str]
    """Required. Azure region of everything that has one."""
    alert_emails: list[pulumi.Input[str]]
    """Required. Addresses that get every alert; Azure asks each to confirm itself once."""
    initial_users: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Optional. Passwords by user name of the first accounts; one for first-user by default."""
    webhook_url: NotRequired[pulumi.Input[str]]
    """Optional. URL that gets every alert as a POST in the common alert schema; kept secret."""
    retention_days: NotRequired[int]
    """Optional. Days that logs are kept, 30 to 730; 30 by default."""
    daily_cap_gb: NotRequired[float]
    """Optional. Gigabytes a day after which Azure drops logs; no cap by default."""
    protect_log_store: NotRequired[bool]
    """Optional. Refuse to delete the log store; false by default."""
    app_service_sku: NotRequired[str]
    """Optional. Size of the App Service plan; B1 by default."""
    instances: NotRequired[int]
    """Optional. Instances of the plan; 1 by default, because rate limits are in memory."""
    python_version: NotRequired[pulumi.Input[str]]
    """Optional. Python of the app; 3.12 by default."""
    rate_limit: NotRequired[pulumi.Input[str]]
    """Optional. Sign-in attempts that one address may make; 30 per minute by default."""
    detections: NotRequired[list[str]]
    """Optional. Slugs, or the one word essential or all; essential by default."""
    detection_overrides: NotRequired[dict[str, DetectionOverride]]
    """Optional. Own values by slug; none by default."""
    mute_duration: NotRequired[str]
    """Optional. ISO 8601 duration of silence after an alert; alerts resolve themselves instead."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of everything that takes tags; none by default."""


class MonitoredLogin(pulumi.ComponentResource):
    """LogStore, LoginApp, AlertRouting and DetectionSet in a resource group of their own."""

    url: pulumi.Output[str]
    """Where the app answers."""
    resource_group_name: pulumi.Output[str]
    """Resource group that holds everything."""
    app_name: pulumi.Output[str]
    """Name of the web app."""
    app_id: pulumi.Output[str]
    """Azure id of the web app."""
    workspace_id: pulumi.Output[str]
    """Azure id of the Log Analytics workspace."""
    workspace_customer_id: pulumi.Output[str]
    """Id by which query clients address the workspace (a GUID)."""
    rule_ids: pulumi.Output[dict[str, str]]
    """Azure id of each alert rule, by slug."""
    logs_link: pulumi.Output[str]
    """The workspace's query page in the Azure portal."""
    alerts_link: pulumi.Output[str]
    """The resource group's alerts in the Azure portal."""
    first_user_password: pulumi.Output[str]
    """Secret. Random password of the account first-user; empty where initial_users names others."""

    def __init__(
        self, name: str, args: MonitoredLoginArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:MonitoredLogin", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        group = resources.ResourceGroup(
            f"{name}-group", location=args["location"], tags=args.get("tags"), opts=child
        )
        given: dict[str, Any] = {**args, "resource_group_name": group.name}
        routing = AlertRouting(f"{name}-alerts", _of(AlertRoutingArgs, given), child)
        given |= {
            "urgent_action_group_id": routing.urgent_action_group_id,
            "routine_action_group_id": routing.routine_action_group_id,
            "action_group_ids": [routing.urgent_action_group_id],
            "protect_workspace": args.get("protect_log_store", False),
        }
        logs = LogStore(f"{name}-logs", _of(LogStoreArgs, given), child)
        given["workspace_id"] = logs.workspace_id
        app = LoginApp(f"{name}-app", _of(LoginAppArgs, given), child)
        rules = DetectionSet(f"{name}-detections", _of(DetectionSetArgs, given), child)
        self.url = app.url
        self.resource_group_name = group.name
        self.app_name = app.app_name
        self.app_id = app.app_id
        self.first_user_password = app.first_user_password
        self.workspace_id = logs.workspace_id
        self.workspace_customer_id = logs.customer_id
        self.rule_ids = rules.rule_ids
        self.logs_link = pulumi.Output.concat(_PORTAL, logs.workspace_id, "/logs")
        self.alerts_link = pulumi.Output.concat(_PORTAL, group.id, "/alerts")
        self.register_outputs({key: getattr(self, key) for key in type(self).__annotations__})


def _of(inputs: type[_Args], given: Mapping[str, Any]) -> _Args:
    """What a part knows of what is given; what was left out stays out: defaults stand once."""
    return cast(
        _Args, {key: value for key, value in given.items() if key in inputs.__annotations__}
    )
