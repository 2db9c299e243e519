"""AppLogs: the logs of a web app that is there already on their way to a workspace."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import monitor

from components.diagnostics import logged_metrics
from components.limits import log_category
from components.resource_kind import APP, refuse_other_kind


class AppLogsArgs(TypedDict):
    """Inputs of AppLogs."""

    app_id: pulumi.Input[str]
    """Required. Azure id of the web app."""
    workspace_id: pulumi.Input[str]
    """Required. Log Analytics workspace that gets the app's logs."""
    app_service_sku: NotRequired[str]
    """Optional. Size of the App Service plan; B1 by default."""
    log_metrics: NotRequired[bool]
    """Optional. Send metrics to the workspace too, where no query of ours reads them and most of a
    small stack's volume comes from; false by default. Metric alerts and charts work without."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Here for likeness with other components; a diagnostic setting takes no tags."""


class AppLogs(pulumi.ComponentResource):
    """Diagnostic setting with every log that the app's plan has.

    An app sends a category to a workspace once: Azure refuses a second setting for it.
    """

    setting_id: pulumi.Output[str]
    """Azure id of the diagnostic setting."""

    def __init__(
        self, name: str, args: AppLogsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:AppLogs", name, {}, opts)
        sku = args.get("app_service_sku") or "B1"
        refuse_other_kind("app_id", args["app_id"], APP)
        setting = monitor.DiagnosticSetting(
            f"{name}-setting",
            resource_uri=args["app_id"],
            workspace_id=args["workspace_id"],
            logs=[
                monitor.DiagnosticsLogSettingsArgs(category=category, enabled=True)
                for category in log_category.categories(log_category.SITES, sku) or ()
            ],
            metrics=logged_metrics(args.get("log_metrics", False)),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.setting_id = setting.id
        self.register_outputs({"setting_id": self.setting_id})
