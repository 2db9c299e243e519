"""The long arguments of what PlatformAlerts creates, as functions of its data."""

import re
from collections.abc import Iterable
from typing import Any

import pulumi
from pulumi_azure_native import applicationinsights, monitor

from components.alerts.activity_log_alerts import ActivityLogAlert
from components.alerts.metric_alerts import NAMESPACES, MetricAlert
from components.limits import availability_test, metric_alert

_SCOPE = re.compile(r"(?i)(/subscriptions/[^/]+)(/resourceGroups/[^/]+)?(/.*)?")


def criteria(alert: MetricAlert) -> Any:
    """ARM's criteria of an alert on one metric; a dynamic threshold needs the class for several."""
    named: dict[str, Any] = {
        "name": alert.role,
        "metric_name": alert.metric,
        "metric_namespace": NAMESPACES.get(alert.target),
        "time_aggregation": alert.aggregation,
        "operator": alert.operator,
    }
    if not alert.is_dynamic:
        return monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type=metric_alert.SINGLE_RESOURCE,
            all_of=[
                monitor.MetricCriteriaArgs(
                    criterion_type=metric_alert.STATIC,
                    threshold=alert.threshold or 0,
                    **named,
                )
            ],
        )
    return monitor.MetricAlertMultipleResourceMultipleMetricCriteriaArgs(
        odata_type=metric_alert.MULTIPLE_RESOURCE,
        all_of=[
            monitor.DynamicMetricCriteriaArgs(
                criterion_type=metric_alert.DYNAMIC,
                alert_sensitivity=alert.sensitivity,
                # The portal's own default: four of four periods.
                failing_periods=monitor.DynamicThresholdFailingPeriodsArgs(
                    number_of_evaluation_periods=4, min_failing_periods_to_alert=4
                ),
                **named,
            )
        ],
    )


def web_test_arguments(
    name: str, target: pulumi.Input[str], text: pulumi.Input[str] | None
) -> dict[str, Any]:
    """A standard test of one page: 200, a valid certificate, and the text on it, if there is one.

    Without a text App Service's own page of an empty site passes for the app.
    """
    return {
        # The SDK's default of both kinds is `ping`, which Azure retires in September 2026.
        "kind": "standard",
        "web_test_kind": "standard",
        # Azure's own tools give both the same value; nothing says that they may differ.
        "synthetic_monitor_id": name,
        "web_test_name": name,
        "description": "Asks for the health page of the login from five places.",
        "enabled": True,
        "frequency": availability_test.FREQUENCY_SECONDS,
        "timeout": availability_test.TIMEOUT_SECONDS,
        "retry_enabled": True,
        "locations": [
            applicationinsights.WebTestGeolocationArgs(location=place)
            for place in availability_test.LOCATIONS
        ],
        "request": applicationinsights.WebTestPropertiesRequestArgs(
            request_url=target,
            http_verb="GET",
            follow_redirects=False,
            parse_dependent_requests=False,
        ),
        "validation_rules": applicationinsights.WebTestPropertiesValidationRulesArgs(
            expected_http_status_code=200,
            s_sl_check=True,
            s_sl_cert_remaining_lifetime_check=availability_test.CERTIFICATE_DAYS,
            content_validation=None
            if text is None
            else applicationinsights.WebTestPropertiesValidationRulesContentValidationArgs(
                content_match=text, pass_if_text_found=True, ignore_case=False
            ),
        ),
    }


def conditions(alert: ActivityLogAlert) -> list[monitor.AlertRuleAnyOfOrLeafConditionArgs]:
    """ARM's `condition.allOf`."""
    return [
        monitor.AlertRuleAnyOfOrLeafConditionArgs(
            field=each.get("field"),
            equals=each.get("equals"),
            any_of=[monitor.AlertRuleLeafConditionArgs(**leaf) for leaf in each.get("any_of", ())]
            or None,
        )
        for each in alert.all_of()
    ]


def scope_of(azure_id: str) -> str:
    """The resource group of an id, or its subscription; ValueError for anything else."""
    found = _SCOPE.fullmatch(azure_id)
    if found is None:
        raise ValueError(f"scope {azure_id!r} is no Azure id; expected /subscriptions/… (app_id)")
    return found[1] + (found[2] or "")


def each_once(scopes: Iterable[str]) -> list[str]:
    """Azure takes a scope once, whatever its case."""
    return list({each.lower(): each for each in reversed(list(scopes))}.values())[::-1]


def subscription_of(azure_id: str) -> str:
    """Events of service health belong to a subscription; a rule on a group never sees one."""
    return scope_of(azure_id).lower().partition("/resourcegroups/")[0]
