"""PlatformAlerts: what Azure itself can see of the app, its plan, its database and its settings."""

from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import alertsmanagement, applicationinsights, monitor

from components.alerts import metric_overrides
from components.alerts.activity_log_alerts import ACTIVITY_LOG_ALERTS, ActivityLogAlert
from components.alerts.arguments import (
    conditions,
    criteria,
    each_once,
    scope_of,
    subscription_of,
    web_test_arguments,
)
from components.alerts.metric_alerts import MetricAlert
from components.limits import availability_test, metric_alert
from components.limits.refusal import RefusedError
from components.resource_kind import APP, refuse_other_kind

URGENT_SEVERITY = 1
HEALTH_PATH = "/health"


class MetricOverride(TypedDict):
    """What a stack changes of one metric alert."""

    threshold: NotRequired[float]
    """Optional. Number that the metric is compared with; not for dynamic thresholds."""
    severity: NotRequired[int]
    """Optional. 0 (critical) to 4 (verbose)."""
    enabled: NotRequired[bool]
    """Optional. False keeps the rule and switches it off."""
    sensitivity: NotRequired[str]
    """Optional. Low, Medium or High; only for dynamic thresholds."""


class PlatformAlertsArgs(TypedDict):
    """Inputs of PlatformAlerts."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the rules."""
    location: pulumi.Input[str]
    """Required. Azure region of the availability test: that of its Application Insights."""
    urgent_action_group_id: pulumi.Input[str]
    """Required. Action group told about severity 0 and 1."""
    routine_action_group_id: pulumi.Input[str]
    """Required. Action group told about severity 2 to 4."""
    app_id: pulumi.Input[str]
    """Required. Azure id of the web app."""
    url: NotRequired[pulumi.Input[str]]
    """Conditional. Where the app answers, without a path; required with an availability test."""
    insights_id: NotRequired[pulumi.Input[str]]
    """Conditional. Azure id of the Application Insights that keeps the availability results;
    required with an availability test. Without one nothing tells of failure anomalies either."""
    plan_id: NotRequired[pulumi.Input[str]]
    """Optional. Azure id of the plan; leave it out for F1 and D1, which report no metrics."""
    database_id: NotRequired[pulumi.Input[str]]
    """Optional. Azure id of the PostgreSQL flexible server; no database alerts by default."""
    availability_test: NotRequired[bool]
    """Optional. Ask for the health page from five places in the world; true by default."""
    health_path: NotRequired[pulumi.Input[str]]
    """Optional. Path of the health page; /health by default."""
    health_text: NotRequired[pulumi.Input[str]]
    """Optional. Text that the health page must hold; any answer of 200 will do by default."""
    rules_group_id: NotRequired[pulumi.Input[str]]
    """Optional. Id of the group that holds the rules, whose changes ring too where the app is in
    another one; only the app's group is watched by default."""
    activity_scope: NotRequired[pulumi.Input[str]]
    """Optional. Id of the subscription or group whose changes ring; the app's group by default."""
    service_health: NotRequired[bool]
    """Optional. Tell of Azure's outages, which needs to read the subscription; true by default."""
    metric_overrides: NotRequired[dict[str, MetricOverride]]
    """Optional. Own values of metric alerts by role; none by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class PlatformAlerts(pulumi.ComponentResource):
    """Metric alerts, an availability test with its alert, activity-log alerts."""

    alert_ids: pulumi.Output[dict[str, str]]
    """Azure id of each alert rule, by role."""
    web_test_id: pulumi.Output[str]
    """Azure id of the availability test; empty without one."""

    def __init__(
        self, name: str, args: PlatformAlertsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:PlatformAlerts", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        metric_alerts = _configured(args)
        self._check()
        test = self._web_test() if args.get("availability_test", True) else None
        rules: dict[str, pulumi.CustomResource] = {
            role: self._metric_rule(each, criteria(each), [scope])
            for role, each in metric_alerts.items()
            if (scope := self._scope(each)) is not None
        }
        if test is not None:
            rules["availability"] = self._availability_rule(metric_alerts["availability"], test)
        for found in ACTIVITY_LOG_ALERTS:
            if found.category != "ServiceHealth" or args.get("service_health", True):
                rules[found.role] = self._activity_rule(found)
        if args.get("insights_id") is not None:
            self._failure_anomalies()
        self.alert_ids = pulumi.Output.all(**{role: rule.id for role, rule in rules.items()})
        self.web_test_id = pulumi.Output.from_input("" if test is None else test.id)
        self.register_outputs({"alert_ids": self.alert_ids, "web_test_id": self.web_test_id})

    def _check(self) -> None:
        args = self._args
        refuse_other_kind("app_id", args["app_id"], APP)
        for key in ("url", "insights_id"):
            if args.get("availability_test", True) and args.get(key) is None:
                said = "is missing; expected with an availability test, or availability_test false"
                raise pulumi.InputPropertyError(key, said)

    def _scope(self, alert: MetricAlert) -> pulumi.Input[str] | None:
        """The resource that a metric is of; None where the stack has none, or two of them."""
        scopes: dict[str, pulumi.Input[str] | None] = {
            "app": self._args["app_id"],
            "plan": self._args.get("plan_id"),
            "database": self._args.get("database_id"),
        }
        return scopes.get(alert.target)

    def _metric_rule(
        self, alert: MetricAlert, condition: Any, scopes: list[pulumi.Input[str]]
    ) -> monitor.MetricAlert:
        return monitor.MetricAlert(
            f"{self._name}-{alert.role}",
            resource_group_name=self._args["resource_group_name"],
            location="global",  # else the provider takes the group's region, where none may be
            description=f"{alert.title}. {alert.why}",
            severity=alert.severity,
            enabled=alert.enabled,
            evaluation_frequency=alert.frequency,
            window_size=alert.window,
            auto_mitigate=True,
            scopes=scopes,
            criteria=condition,
            actions=[
                monitor.MetricAlertActionArgs(
                    action_group_id=self._group(urgent=alert.severity <= URGENT_SEVERITY),
                    web_hook_properties={"alert": alert.role},
                )
            ],
            tags=self._args.get("tags"),
            opts=self._child,
        )

    def _web_test(self) -> applicationinsights.WebTest:
        name = f"{self._name}-health"
        target = pulumi.Output.concat(
            self._args["url"], self._args.get("health_path") or HEALTH_PATH
        )
        tags = pulumi.Output.all(
            pulumi.Output.from_input(self._args["insights_id"]), self._args.get("tags") or {}
        ).apply(lambda found: {**found[1], availability_test.HIDDEN_LINK + found[0]: "Resource"})
        return applicationinsights.WebTest(
            name,
            resource_group_name=self._args["resource_group_name"],
            location=self._args["location"],
            tags=tags,
            **web_test_arguments(name, target, self._args.get("health_text")),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _availability_rule(
        self, alert: MetricAlert, test: applicationinsights.WebTest
    ) -> monitor.MetricAlert:
        condition = monitor.WebtestLocationAvailabilityCriteriaArgs(
            odata_type=metric_alert.WEB_TEST,
            web_test_id=test.id,
            component_id=self._args["insights_id"],
            failed_location_count=alert.threshold or 0,
        )
        # Azure wants both: the test and the component that it belongs to.
        return self._metric_rule(alert, condition, [test.id, self._args["insights_id"]])

    def _activity_rule(self, alert: ActivityLogAlert) -> monitor.ActivityLogAlert:
        given = self._args.get("activity_scope")
        # Rules, action groups and the rest of this stack may be in another group than the app.
        watched = [given] if given else [self._args["app_id"], self._args.get("rules_group_id")]
        reach = subscription_of if alert.category == "ServiceHealth" else scope_of
        scopes = pulumi.Output.all(*(each for each in watched if each is not None)).apply(
            lambda ids: each_once(map(reach, ids))
        )
        return monitor.ActivityLogAlert(
            f"{self._name}-{alert.role}",
            resource_group_name=self._args["resource_group_name"],
            location="global",
            description=f"{alert.title}. {alert.why}",
            enabled=True,
            scopes=scopes,
            condition=monitor.AlertRuleAllOfConditionArgs(all_of=conditions(alert)),
            actions=monitor.ActionListArgs(
                action_groups=[
                    monitor.ActionGroupArgs(
                        action_group_id=self._group(urgent=alert.urgent),
                        webhook_properties={"alert": alert.role},
                    )
                ]
            ),
            tags=self._args.get("tags"),
            opts=self._child,
        )

    def _failure_anomalies(self) -> None:
        """Azure makes the rule `Failure Anomalies - <component>` by itself, minutes after the
        component. A second rule of the same detector collides with it or rings twice, so that one
        stays Azure's, and its alerts are led to the action groups of this stack.
        """
        alertsmanagement.AlertProcessingRuleByName(
            f"{self._name}-failure-anomalies",
            resource_group_name=self._args["resource_group_name"],
            location="global",
            properties=alertsmanagement.AlertProcessingRulePropertiesArgs(
                description="Sends what Azure's own failure-anomalies rule finds to this stack.",
                enabled=True,
                scopes=[self._args["insights_id"]],
                conditions=[
                    alertsmanagement.ConditionArgs(
                        field="MonitorService", operator="Equals", values=["Smart Detector"]
                    )
                ],
                actions=[
                    alertsmanagement.AddActionGroupsArgs(
                        action_type="AddActionGroups",
                        action_group_ids=[self._group(urgent=False)],
                    )
                ],
            ),
            tags=self._args.get("tags"),
            opts=self._child,
        )

    def _group(self, *, urgent: bool) -> pulumi.Input[str]:
        return self._args["urgent_action_group_id" if urgent else "routine_action_group_id"]


def _configured(args: PlatformAlertsArgs) -> dict[str, MetricAlert]:
    try:
        return metric_overrides.configured(args.get("metric_overrides") or {})
    except RefusedError as error:
        words = "\n".join(str(each.below("metric_overrides")) for each in error.refusals)
        raise pulumi.InputPropertyError("metric_overrides", words) from error
