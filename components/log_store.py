"""LogStore: where the logs go, and the queries that people find there."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import applicationinsights, operationalinsights

from components.saved_queries import SavedQueries, SavedQueriesArgs

NO_CAP = -1.0
"""What Azure takes as "no daily cap"."""


class LogStoreArgs(TypedDict):
    """Inputs of LogStore."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the workspace."""
    location: pulumi.Input[str]
    """Required. Azure region of the workspace."""
    retention_days: NotRequired[int]
    """Optional. Days that logs are kept, 30 to 730; 30 by default."""
    daily_cap_gb: NotRequired[float]
    """Optional. Gigabytes a day after which Azure drops logs and every alert rule is blind until
    the workspace's reset hour; no cap by default. Run log_store_full with it."""
    app_ids: NotRequired[list[str]]
    """Optional. Azure ids of the web apps whose rows count; every app in the workspace by default.
    Two stacks that share a workspace each name their own."""
    login_sources: NotRequired[list[str]]
    """Optional. Where login events come from, of docs/sources.md; json, the lines that the
    project's own apps write, by default."""
    allow_shared_keys: NotRequired[bool]
    """Optional. Let agents write rows with the workspace's keys; false by default."""
    protect_workspace: NotRequired[bool]
    """Optional. Refuse to delete the workspace; false by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class LogStore(pulumi.ComponentResource):
    """Log Analytics workspace with the queries of kql/ saved in it, and Application Insights."""

    workspace_id: pulumi.Output[str]
    """Azure id of the workspace."""
    workspace_name: pulumi.Output[str]
    """Name of the workspace."""
    customer_id: pulumi.Output[str]
    """Id by which query clients address the workspace (a GUID)."""
    insights_id: pulumi.Output[str]
    """Azure id of the Application Insights that writes into the workspace."""
    insights_name: pulumi.Output[str]
    """Name of the Application Insights."""
    insights_connection_string: pulumi.Output[str]
    """Secret. What an app needs to send telemetry to the Application Insights."""

    def __init__(
        self, name: str, args: LogStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:LogStore", name, {}, opts)
        cap = args.get("daily_cap_gb", 0.0)
        workspace = self._workspace(name, args, cap)
        queries = SavedQueriesArgs(
            resource_group_name=args["resource_group_name"], workspace_name=workspace.name
        )
        if args.get("app_ids"):
            queries["app_ids"] = args["app_ids"]
        if args.get("login_sources"):
            queries["login_sources"] = args["login_sources"]
        SavedQueries(name, queries, pulumi.ResourceOptions(parent=self))
        insights = self._insights(name, args, workspace)
        self.workspace_id = workspace.id
        self.workspace_name = workspace.name
        self.customer_id = workspace.customer_id
        self.insights_id = insights.id
        self.insights_name = insights.name
        self.insights_connection_string = pulumi.Output.secret(insights.connection_string)
        self.register_outputs(
            {
                "workspace_id": self.workspace_id,
                "workspace_name": self.workspace_name,
                "customer_id": self.customer_id,
                "insights_id": self.insights_id,
                "insights_name": self.insights_name,
                "insights_connection_string": self.insights_connection_string,
            }
        )

    def _workspace(
        self, name: str, args: LogStoreArgs, cap: float
    ) -> operationalinsights.Workspace:
        # Always said: a workspace whose cap is no longer mentioned may keep it (UNCONFIRMED).
        capping = operationalinsights.WorkspaceCappingArgs(daily_quota_gb=cap or NO_CAP)
        return operationalinsights.Workspace(
            f"{name}-workspace",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=int(args.get("retention_days", 30)),
            workspace_capping=capping,
            # Diagnostic settings send as the platform. With a shared key anybody who has seen it
            # could write rows that never happened.
            features=operationalinsights.WorkspaceFeaturesArgs(
                disable_local_auth=not args.get("allow_shared_keys", False)
            ),
            tags=args.get("tags"),
            # None is inherited from the component; false would undo its `protect`.
            opts=pulumi.ResourceOptions(
                parent=self, protect=True if args.get("protect_workspace") else None
            ),
        )

    def _insights(
        self, name: str, args: LogStoreArgs, workspace: operationalinsights.Workspace
    ) -> applicationinsights.Component:
        return applicationinsights.Component(
            f"{name}-insights",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            kind="web",
            application_type="web",
            ingestion_mode="LogAnalytics",
            workspace_resource_id=workspace.id,
            # Masked, telemetry shows every visitor as 0.0.0.0. A security team asks who it was, and
            # the same addresses are in AppServiceHTTPLogs anyway, for as long: nothing is gained
            # for privacy, and the two could not be put together.
            disable_ip_masking=True,
            tags=args.get("tags"),
            # Whoever has them can write telemetry into the log store.
            opts=pulumi.ResourceOptions(
                parent=self,
                additional_secret_outputs=["connection_string", "instrumentation_key"],
            ),
        )
