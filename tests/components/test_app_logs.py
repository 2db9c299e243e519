"""AppLogs: what a web app of somebody else's sends to a workspace."""

from typing import Any, cast

import pulumi
import pytest

from components import AppLogs
from components.app_logs import AppLogsArgs
from components.limits.resource_id import type_of
from tests.conftest import Engine

SETTING = "azure-native:monitor:DiagnosticSetting"
GROUP = "/subscriptions/0/resourceGroups/rg"
APP = f"{GROUP}/providers/Microsoft.Web/sites/shop"


def logs(**changes: Any) -> AppLogs:
    args = {"app_id": APP, "workspace_id": "workspace"} | changes
    return AppLogs("shop", cast(AppLogsArgs, args))


def categories(setting: dict[str, Any]) -> set[str]:
    return {each["category"] for each in setting["logs"] if each["enabled"]}


def test_an_app_sends_every_log_that_any_plan_has(engine: Engine) -> None:
    setting = engine.deploy(logs).one(SETTING)
    assert setting["resourceUri"] == APP
    assert setting["workspaceId"] == "workspace"
    assert {"AppServiceConsoleLogs", "AppServiceHTTPLogs"} <= categories(setting.inputs)
    assert "AppServiceFileAuditLogs" not in categories(setting.inputs), "B1 refuses it"
    assert "metrics" not in setting.inputs


def test_a_premium_plan_has_more_of_them(engine: Engine) -> None:
    setting = engine.deploy(lambda: logs(app_service_sku="P1v3", log_metrics=True)).one(SETTING)
    assert {"AppServiceFileAuditLogs", "AppServiceAntivirusScanAuditLogs"} <= categories(
        setting.inputs
    )
    assert setting["metrics"] == [{"category": "AllMetrics", "enabled": True}]


def test_an_id_that_another_resource_tells_will_do(engine: Engine) -> None:
    setting = engine.deploy(lambda: logs(app_id=pulumi.Output.from_input(APP))).one(SETTING)
    assert setting["resourceUri"] == APP


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (f"{GROUP}/providers/Microsoft.Web/serverfarms/plan", "of Microsoft.Web/serverfarms;"),
        (f"{APP}/slots/staging", "names a resource of Microsoft.Web/sites/slots;"),
        ("shop", "is no id of a resource; expected /subscriptions/<id>/resourceGroups/<group>"),
        (GROUP, "is no id of a resource; expected"),
    ],
)
def test_an_id_of_another_kind_is_refused(engine: Engine, given: str, problem: str) -> None:
    with pytest.raises(pulumi.InputPropertyError, match=problem):
        engine.deploy(lambda: logs(app_id=given))
    assert not engine.all(SETTING)


def test_an_id_says_what_kind_of_resource_it_names() -> None:
    assert type_of(APP) == "Microsoft.Web/sites"
    assert type_of(f"{APP}/slots/a") == "Microsoft.Web/sites/slots"
    assert type_of(APP.upper()) == "MICROSOFT.WEB/SITES"
