"""Resources to judge: sound ones, of which a test changes what it is about."""

from collections.abc import Mapping
from typing import Any

from policy.declared import Declared, Place

APP_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/app"


def urn(name: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::login-monitor::any:index:Type::{name}"


def declared(
    kind: str,
    properties: Mapping[str, Any],
    *,
    name: str = "it",
    stack: str = "dev",
    secrets: tuple[Place, ...] = (),
    protected: bool = False,
    dependencies: tuple[str, ...] = (),
    id: str = "",
) -> Declared:
    """A resource of `azure-native:<kind>`."""
    return Declared(
        type=f"azure-native:{kind}",
        name=name,
        urn=urn(name, stack),
        properties=properties,
        secrets=frozenset(secrets),
        protected=protected,
        dependencies=dependencies,
        id=id,
    )


def an_app(site: Mapping[str, Any] | None = None, **changes: Any) -> Declared:
    """A sound web app; `site` changes its siteConfig."""
    config = {"minTlsVersion": "1.2", "scmMinTlsVersion": "1.2", "ftpsState": "Disabled"}
    properties = {"httpsOnly": True, "siteConfig": {**config, **(site or {})}}
    options = {key: changes.pop(key) for key in ("secrets", "id") if key in changes}
    return declared("web:WebApp", {**properties, **changes}, name="app", **options)


def a_setting(**changes: Any) -> Declared:
    """A sound diagnostic setting of the app."""
    categories = ("AppServiceConsoleLogs", "AppServiceHTTPLogs")
    logs = [{"category": each, "enabled": True} for each in categories]
    properties = {"resourceUri": APP_ID, "workspaceId": "/w", "logs": logs, **changes}
    dependencies = properties.pop("dependencies", ())
    return declared(
        "monitor:DiagnosticSetting", properties, name="setting", dependencies=dependencies
    )


def a_log_rule(**changes: Any) -> Declared:
    """A sound log alert rule."""
    condition = {"operator": "GreaterThanOrEqual", "threshold": 3}
    properties = {
        "actions": {"actionGroups": ["/groups/urgent"]},
        "autoMitigate": True,
        "criteria": {"allOf": [condition]},
    }
    return declared("monitor:ScheduledQueryRule", properties | changes, name="rule")
