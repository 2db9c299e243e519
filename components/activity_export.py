"""ActivityExport: the subscription's activity log in the workspace, for detections that read it."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import monitor

CATEGORIES = ("Administrative",)
"""What detections read; the other categories (Policy, Autoscale, ...) would only cost."""


class ActivityExportArgs(TypedDict):
    """Inputs of ActivityExport."""

    workspace_id: pulumi.Input[str]
    """Required. Log Analytics workspace that gets the activity log as the table AzureActivity."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Here for likeness with other components; a diagnostic setting takes no tags."""


class ActivityExport(pulumi.ComponentResource):
    """Diagnostic setting of the whole subscription, which whoever deploys must have rights on.

    A subscription takes five such settings, and sends a category to a workspace once: one stack of
    several that share a workspace has it.
    """

    setting_id: pulumi.Output[str]
    """Azure id of the diagnostic setting."""

    def __init__(
        self, name: str, args: ActivityExportArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:ActivityExport", name, {}, opts)
        setting = monitor.SubscriptionDiagnosticSetting(
            f"{name}-setting",
            workspace_id=args["workspace_id"],
            logs=[
                monitor.SubscriptionLogSettingsArgs(category=category, enabled=True)
                for category in CATEGORIES
            ],
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.setting_id = setting.id
        self.register_outputs({"setting_id": self.setting_id})
