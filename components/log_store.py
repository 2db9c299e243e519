"""LogStore: where the logs go, and the queries that people find there."""

from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import monitor, operationalinsights

from components import kql_file, kql_function

# With a cap, a flood of log lines blinds every alert rule until the workspace's reset hour. This
# query and its 5 minutes are Microsoft's own, from "Set daily cap on Log Analytics workspace".
OVER_QUOTA_QUERY = (
    '_LogOperation\n| where Category =~ "Ingestion"\n| where Detail contains "OverQuota"'
)
FUNCTION_CATEGORY = "login-monitor functions"
HUNTING_CATEGORY = "login-monitor hunting"
_HUNTING = kql_file.KQL / "hunting"


class LogStoreArgs(TypedDict):
    """Inputs of LogStore."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the workspace."""
    location: pulumi.Input[str]
    """Required. Azure region of the workspace."""
    retention_days: NotRequired[int]
    """Optional. Days that logs are kept, 30 to 730; 30 by default."""
    daily_cap_gb: NotRequired[float]
    """Optional. Gigabytes a day after which Azure drops logs; no cap by default."""
    action_group_ids: NotRequired[list[pulumi.Input[str]]]
    """Conditional. Action groups to warn at the cap; required with dailyCapGb."""
    protect_workspace: NotRequired[bool]
    """Optional. Refuse to delete the workspace; false by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class LogStore(pulumi.ComponentResource):
    """Log Analytics workspace with the functions and hunting queries of kql/ saved in it."""

    workspace_id: pulumi.Output[str]
    """Azure id of the workspace."""
    workspace_name: pulumi.Output[str]
    """Name of the workspace."""
    customer_id: pulumi.Output[str]
    """Id by which query clients address the workspace (a GUID)."""

    def __init__(
        self, name: str, args: LogStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:LogStore", name, {}, opts)
        cap = args.get("daily_cap_gb", 0.0)
        if cap and not args.get("action_group_ids"):
            raise pulumi.InputPropertyError(
                "action_group_ids", "is missing; expected with a daily cap, which blinds all alerts"
            )
        workspace = self._workspace(name, args, cap)
        self._save_searches(name, args, workspace)
        if cap:
            self._watch_cap(name, args, workspace, cap)
        self.workspace_id = workspace.id
        self.workspace_name = workspace.name
        self.customer_id = workspace.customer_id
        self.register_outputs(
            {
                "workspace_id": self.workspace_id,
                "workspace_name": self.workspace_name,
                "customer_id": self.customer_id,
            }
        )

    def _workspace(
        self, name: str, args: LogStoreArgs, cap: float
    ) -> operationalinsights.Workspace:
        capping = operationalinsights.WorkspaceCappingArgs(daily_quota_gb=cap) if cap else None
        return operationalinsights.Workspace(
            f"{name}-workspace",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=int(args.get("retention_days", 30)),
            workspace_capping=capping,
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect_workspace", False)),
        )

    def _save_searches(
        self, name: str, args: LogStoreArgs, workspace: operationalinsights.Workspace
    ) -> None:
        for role, search in saved_searches().items():
            operationalinsights.SavedSearch(
                f"{name}-{role}",
                resource_group_name=args["resource_group_name"],
                workspace_name=workspace.name,
                **search,
                # Azure refuses to change a saved search without its etag (409), which the provider
                # does not send; and two must not share a function alias.
                opts=pulumi.ResourceOptions(
                    parent=self, replace_on_changes=["*"], delete_before_replace=True
                ),
            )

    def _watch_cap(
        self,
        name: str,
        args: LogStoreArgs,
        workspace: operationalinsights.Workspace,
        cap: float,
    ) -> None:
        monitor.ScheduledQueryRule(
            f"{name}-over-quota",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            scopes=[workspace.id],
            actions=monitor.ActionsArgs(action_groups=args.get("action_group_ids")),
            tags=args.get("tags"),
            **over_quota_rule(cap),
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["scopes"]),
        )


def saved_searches() -> dict[str, dict[str, Any]]:
    """Arguments of one SavedSearch for each function and hunting query, by the child's role."""
    searches: dict[str, dict[str, Any]] = {}
    for function in kql_function.load_all().values():
        searches[f"function-{function.name}"] = {
            "category": FUNCTION_CATEGORY,
            "display_name": function.name,
            "function_alias": function.name,
            "function_parameters": function.parameters or None,
            "query": f"// {function.description}\n{function.body}",
        }
    for path in sorted(_HUNTING.glob("*.kql")):
        file = kql_file.read(path)
        searches[f"hunting-{path.stem}"] = {
            "category": HUNTING_CATEGORY,
            "display_name": str(file.head.get("name", path.stem)),
            "query": file.body,
        }
    return searches


def over_quota_rule(cap_gb: float) -> dict[str, Any]:
    """Arguments of the alert rule that tells that logs are being dropped."""
    return {
        "display_name": "Log store is full for today",
        "description": f"The daily cap of {cap_gb:g} GB is reached: logs are dropped and no login"
        " alert can fire until the workspace's reset hour. Raise the cap, or find the flood.",
        "severity": 1,
        "enabled": True,
        "evaluation_frequency": "PT5M",
        "window_size": "PT5M",
        "auto_mitigate": True,
        "skip_query_validation": True,  # the table appears with its first record
        "criteria": monitor.ScheduledQueryRuleCriteriaArgs(
            all_of=[
                monitor.ConditionArgs(
                    query=OVER_QUOTA_QUERY,
                    time_aggregation="Count",
                    operator="GreaterThan",
                    threshold=0,
                    failing_periods=monitor.ConditionFailingPeriodsArgs(
                        number_of_evaluation_periods=1, min_failing_periods_to_alert=1
                    ),
                )
            ]
        ),
    }
