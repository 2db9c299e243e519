"""SentinelRules: the detections as analytics rules, in a workspace with Microsoft Sentinel."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import operationalinsights, securityinsights

from components.content import analytics_rule
from components.content.analytics_rule import AnalyticsRule
from components.content.detection import Detection
from components.content.log_sources import APPS, DATABASES
from components.detection_set import (
    DetectionException,
    DetectionOverride,
    chosen_detections,
    exceptions_of,
)
from components.event_sources import event_sources
from components.limits.refusal import RefusedError
from components.log_owners import are_named, owners

_LONG_ID = "x" * 300
"""Longer than an id of a site: a subscription, two names of 90 and 60 characters."""
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
    app_ids: NotRequired[list[pulumi.Input[str]]]
    """Optional. Azure ids of the web apps whose rows count; every app in the workspace by default.
    Two stacks that share a workspace each name their own."""
    database_ids: NotRequired[list[pulumi.Input[str]]]
    """Optional. Azure ids of the PostgreSQL servers whose rows count; every one by default."""
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
        self._queries = _Queries(args)
        chosen, left_out = self._queries.chosen()
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
            **{**rule.arguments(), "query": self._queries.of(rule).apply(lambda it: it.query)}
            if are_named(args)
            else rule.arguments(),
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
            query=self._queries.of(rule).apply(lambda it: it.function_query)
            if are_named(args)
            else rule.function_query,
            # As in LogStore: Azure wants an etag for a change, and an alias must be free first.
            opts=pulumi.ResourceOptions(
                parent=self, replace_on_changes=["*"], delete_before_replace=True
            ),
        )


class _Queries:
    """What the rules ask, of the apps and databases that are meant.

    Whether a query is short enough has to be known before the ids are: there is room for long ones.
    """

    def __init__(self, args: SentinelRulesArgs) -> None:
        self._args = args
        self._found = {each.slug: each for each in _detections(args)}
        self._exceptions = exceptions_of(args.get("exceptions") or (), event_sources(args))

    def chosen(self) -> tuple[list[AnalyticsRule], list[str]]:
        """The rules, and why one of a set has none; one that is asked for must have one."""
        apps, databases = self._args.get("app_ids", []), self._args.get("database_ids", [])
        room = {APPS: [_LONG_ID] * len(apps), DATABASES: [_LONG_ID] * len(databases)}
        rules, refused = analytics_rule.carried_over(self._found.values(), room, self._exceptions)
        selection = self._args.get("detections") or ["essential"]
        if refused and selection not in (["essential"], ["all"]):
            raise pulumi.InputPropertyError("detections", "\n".join(map(str, refused.values())))
        return rules, [str(each) for each in refused.values()]

    def of(self, rule: AnalyticsRule) -> pulumi.Output[AnalyticsRule]:
        """The rule with the ids as they turn out."""
        found, in_function = self._found[rule.slug], bool(rule.function)
        return owners(self._args).apply(
            lambda known: analytics_rule.from_detection(
                found, known, self._exceptions, in_function=in_function
            )
        )


def _detections(args: SentinelRulesArgs) -> list[Detection]:
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
        return chosen_detections(selection, overrides, None, tables, sources)
    except RefusedError as error:
        raise pulumi.InputPropertyError("detections", str(error)) from error
