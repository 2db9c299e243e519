"""SentinelRules: the detections as analytics rules, in a workspace with Microsoft Sentinel."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import operationalinsights, securityinsights

from components.content import analytics_rule
from components.content.analytics_rule import AnalyticsRule
from components.detection_set import (
    DetectionException,
    DetectionOverride,
    chosen_detections,
    exceptions_of,
)
from components.event_sources import event_sources
from components.limits.refusal import RefusedError

FUNCTION_CATEGORY = "login-monitor functions"


class SentinelRulesArgs(TypedDict):
    """Inputs of SentinelRules."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that holds the workspace."""
    workspace_name: pulumi.Input[str]
    """Required. Name of the Log Analytics workspace that the rules watch."""
    onboard: NotRequired[bool]
    """Optional. Switch Sentinel on in the workspace, which is billed by volume; true by default."""
    detections: NotRequired[list[str]]
    """Optional. Slugs, or the one word essential or all; essential by default."""
    detection_overrides: NotRequired[dict[str, DetectionOverride]]
    """Optional. Own values by slug; none by default."""
    exceptions: NotRequired[list[DetectionException]]
    """Optional. Rows that do not count, each with a reason and an end; none by default."""
    optional_tables: NotRequired[list[str]]
    """Optional. Log tables beside App Service's that get rows, such as PGSQLServerLogs; none by
    default. Essential and all leave out what reads another one, a listed slug is refused."""
    login_sources: NotRequired[list[str]]
    """Optional. Where login events come from, of docs/sources.md; json, the lines that the
    project's own apps write, by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Here for likeness with other components; Sentinel's resources take no tags."""


class SentinelRules(pulumi.ComponentResource):
    """Microsoft Sentinel on a workspace, and one scheduled analytics rule for each detection."""

    rule_ids: pulumi.Output[dict[str, str]]
    """Azure id of each analytics rule, by slug."""

    def __init__(
        self, name: str, args: SentinelRulesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:SentinelRules", name, {}, opts)
        chosen, left_out = _chosen(args)
        for reason in left_out:
            pulumi.log.warn(f"{reason}; left out of Sentinel", self)
        first: list[pulumi.Resource] = []
        if args.get("onboard", True):
            first.append(
                securityinsights.SentinelOnboardingState(
                    f"{name}-onboarding",
                    resource_group_name=args["resource_group_name"],
                    workspace_name=args["workspace_name"],
                    sentinel_onboarding_state_name="default",  # the only name that there is
                    opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
                )
            )
        rules = {each.slug: self._rule(name, args, each, first) for each in chosen}
        self.rule_ids = pulumi.Output.all(**{slug: rule.id for slug, rule in rules.items()})
        self.register_outputs({"rule_ids": self.rule_ids})

    def _rule(
        self,
        name: str,
        args: SentinelRulesArgs,
        rule: AnalyticsRule,
        first: Sequence[pulumi.Resource],
    ) -> securityinsights.ScheduledAlertRule:
        before = list(first)
        if rule.function:
            before.append(self._function(name, args, rule))
        # Azure compiles the query against the workspace. UNCONFIRMED: whether it knows the
        # AppService tables before their first row; if not, the rules come with a later `up`.
        return securityinsights.ScheduledAlertRule(
            f"{name}-{rule.slug}",
            resource_group_name=args["resource_group_name"],
            workspace_name=args["workspace_name"],
            # No rule_id: a random one never meets a rule that was deleted a moment ago.
            **rule.arguments(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=before),
        )

    def _function(
        self, name: str, args: SentinelRulesArgs, rule: AnalyticsRule
    ) -> operationalinsights.SavedSearch:
        """The query of a detection that is too long for an analytics rule."""
        return operationalinsights.SavedSearch(
            f"{name}-function-{rule.slug}",
            resource_group_name=args["resource_group_name"],
            workspace_name=args["workspace_name"],
            category=FUNCTION_CATEGORY,
            display_name=rule.function,
            function_alias=rule.function,
            query=rule.function_query,
            # As in LogStore: Azure wants an etag for a change, and an alias must be free first.
            opts=pulumi.ResourceOptions(
                parent=self, replace_on_changes=["*"], delete_before_replace=True
            ),
        )


def _chosen(args: SentinelRulesArgs) -> tuple[list[AnalyticsRule], list[str]]:
    """The rules, and why one of a set has none; one that is asked for by its slug must have one."""
    selection = args.get("detections") or ["essential"]
    overrides = {
        slug: {
            # Programs in other languages reach us with every number as a float.
            key: int(value) if key == "severity" and isinstance(value, float) else value
            for key, value in changes.items()
        }
        for slug, changes in args.get("detection_overrides", {}).items()
    }
    sources = event_sources(args)
    try:
        tables = args.get("optional_tables") or ()
        found = chosen_detections(selection, overrides, None, tables, sources)
    except RefusedError as error:
        raise pulumi.InputPropertyError("detections", str(error)) from error
    excepted = exceptions_of(args.get("exceptions") or ())
    rules, refused = analytics_rule.carried_over(found, excepted)
    if refused and selection not in (["essential"], ["all"]):
        raise pulumi.InputPropertyError("detections", "\n".join(map(str, refused.values())))
    return rules, [str(each) for each in refused.values()]
