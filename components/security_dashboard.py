"""SecurityDashboard: the workbook in which people look at what the alert rules look at."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import applicationinsights

from components import workbook
from components.content import detection, runbook, workbook_tile
from components.event_sources import event_sources
from components.log_owners import owners

_PORTAL = "https://portal.azure.com/#resource"


class SecurityDashboardArgs(TypedDict):
    """Inputs of SecurityDashboard."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the workbook."""
    location: pulumi.Input[str]
    """Required. Azure region of the workbook."""
    workspace_id: pulumi.Input[str]
    """Required. Log Analytics workspace that the tiles read."""
    app_ids: NotRequired[list[pulumi.Input[str]]]
    """Optional. Azure ids of the web apps whose rows count; every app in the workspace by default.
    Two stacks that share a workspace each name their own."""
    database_ids: NotRequired[list[pulumi.Input[str]]]
    """Optional. Azure ids of the PostgreSQL servers whose rows count; every one by default."""
    login_sources: NotRequired[list[str]]
    """Optional. Where login events come from, of docs/sources.md; json, the lines that the
    project's own apps write, by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class SecurityDashboard(pulumi.ComponentResource):
    """Azure workbook: sign-ins, web attacks, alerts, audit trail and the platform's health."""

    workbook_id: pulumi.Output[str]
    """Azure id of the workbook."""
    portal_link: pulumi.Output[str]
    """The workbook in the Azure portal."""

    def __init__(
        self, name: str, args: SecurityDashboardArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:SecurityDashboard", name, {}, opts)
        tiles = workbook_tile.load_all(sources=event_sources(args))
        answers = runbook.markdown(detection.load_all().values())
        workspace_id = pulumi.Output.from_input(args["workspace_id"])
        made = applicationinsights.Workbook(
            f"{name}-workbook",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            resource_name_=workspace_id.apply(lambda found: workbook.name(found, name)),
            kind="shared",
            category="workbook",
            display_name=workbook.DISPLAY_NAME,
            description="Sign-ins, web attacks, alerts, audit trail and health of the login app.",
            # In lower case: the portal lists a workbook under its source by that spelling.
            source_id=workspace_id.apply(str.lower),
            version=workbook.VERSION,
            serialized_data=pulumi.Output.all(workspace_id, owners(args)).apply(
                lambda known: workbook.serialized(known[0], tiles, answers, known[1])
            ),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.workbook_id = made.id
        self.portal_link = made.id.apply(lambda found: f"{_PORTAL}{found}/workbook")
        self.register_outputs({"workbook_id": self.workbook_id, "portal_link": self.portal_link})
