"""SavedQueries: the functions and hunting queries of kql/ in a workspace that is there already."""

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import operationalinsights

from components.content import kql_file, kql_function, login_sources, places
from components.content.log_columns import TABLES
from components.content.log_sources import APPS, Owners, narrowed, with_sources
from components.content.login_sources import DEFAULT
from components.event_sources import event_sources
from components.resource_kind import APP, refuse_other_kind

FUNCTION_CATEGORY = "login-monitor functions"
HUNTING_CATEGORY = "login-monitor hunting"
_HUNTING = places.KQL / "hunting"


class SavedQueriesArgs(TypedDict):
    """Inputs of SavedQueries."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that holds the workspace."""
    workspace_name: pulumi.Input[str]
    """Required. Name of the Log Analytics workspace."""
    app_ids: NotRequired[list[str]]
    """Optional. Azure ids of the web apps whose rows count; every app in the workspace by default.
    Two stacks that share a workspace each name their own."""
    login_sources: NotRequired[list[str]]
    """Optional. Where login events come from, of docs/sources.md; json, the lines that the
    project's own apps write, by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Here for likeness with other components; a saved query takes no tags of Azure's."""


class SavedQueries(pulumi.ComponentResource):
    """One saved search for each function, which queries call by its name, and each hunting query.

    A workspace has a function of one name once: one stack of several that share it has them.
    """

    query_ids: pulumi.Output[dict[str, str]]
    """Azure id of each saved search, by its role: function-<name> or hunting-<slug>."""

    def __init__(
        self, name: str, args: SavedQueriesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:SavedQueries", name, {}, opts)
        made = {
            role: operationalinsights.SavedSearch(
                f"{name}-{role}",
                resource_group_name=args["resource_group_name"],
                workspace_name=args["workspace_name"],
                **search,
                # Azure refuses to change a saved search without its etag (409), which the provider
                # does not send; and two must not share a function alias.
                opts=pulumi.ResourceOptions(
                    parent=self, replace_on_changes=["*"], delete_before_replace=True
                ),
            )
            for role, search in _searches(args).items()
        }
        self.query_ids = pulumi.Output.all(**{role: each.id for role, each in made.items()})
        self.register_outputs({"query_ids": self.query_ids})


def saved_searches(
    owners: Owners | None = None, sources: Sequence[str] = DEFAULT
) -> dict[str, dict[str, Any]]:
    """Arguments of one SavedSearch for each function and hunting query, by the child's role.

    `owners`: whose rows they see, those of every app in the workspace by default. `sources`: where
    login events come from.
    """
    searches: dict[str, dict[str, Any]] = {}
    for function in login_sources.needed(kql_function.load_all(), sources).values():
        searches[f"function-{function.name}"] = {
            "category": FUNCTION_CATEGORY,
            "display_name": function.name,
            "function_alias": function.name,
            "function_parameters": function.parameters or None,
            "query": f"// {function.description}\n{narrowed(function.body, owners or {})}",
        }
    for path in sorted(_HUNTING.glob("*.kql")):
        file = kql_file.read(path)
        searches[f"hunting-{path.stem}"] = {
            "category": HUNTING_CATEGORY,
            "display_name": str(file.head.get("name", path.stem)),
            "query": with_sources(file.body, TABLES, owners) if owners else file.body,
        }
    return searches


def _searches(args: SavedQueriesArgs) -> dict[str, dict[str, Any]]:
    return saved_searches(_owners(args), event_sources(args))


def _owners(args: SavedQueriesArgs) -> Owners | None:
    ids = args.get("app_ids") or []
    for each in ids:
        refuse_other_kind("app_ids", each, APP)
    return {APPS: ids} if ids else None
