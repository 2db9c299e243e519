"""ActivityExport: what Azure gets for it."""

from typing import cast

from components import ActivityExport
from components.activity_export import ActivityExportArgs
from tests.conftest import Engine

SETTING = "azure-native:monitor:SubscriptionDiagnosticSetting"


def test_the_administrative_log_of_the_subscription_goes_to_the_workspace(engine: Engine) -> None:
    args = cast(ActivityExportArgs, {"workspace_id": "/workspaces/logs"})
    made = engine.deploy(lambda: ActivityExport("activity", args)).one(SETTING)
    assert made["workspaceId"] == "/workspaces/logs"
    assert made["logs"] == [{"category": "Administrative", "enabled": True}]
