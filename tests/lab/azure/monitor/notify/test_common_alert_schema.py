"""The payload of an alert: every field of Microsoft's common alert schema for log alerts v2."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import Series
from lab.azure.monitor.notify.common_alert_schema import filled, payload
from tests.support.alert_rules import TABLE, WORKSPACE, a_rule, at


def an_alert(dimensions: dict[str, str] | None = None, value: float = 42.0, **rule: Any) -> Alert:
    dimensions = {"ClientIp": "203.0.113.7"} if dimensions is None else dimensions
    return Alert.of(a_rule(**rule), Series(dimensions, value, True, at(0), at(5)), at(5.2))


def essentials(alert: Alert) -> dict[str, Any]:
    found: dict[str, Any] = payload(alert, alert.condition)["data"]["essentials"]
    return found


def criterion(alert: Alert) -> dict[str, Any]:
    found: dict[str, Any] = payload(alert, alert.condition)["data"]["alertContext"]["condition"][
        "allOf"
    ][0]
    return found


def test_the_essentials_of_a_fired_alert() -> None:
    alert = an_alert()
    found = essentials(alert)
    assert payload(alert, alert.condition)["schemaId"] == "azureMonitorCommonAlertSchema"
    assert found.pop("investigationLink").startswith("https://portal.azure.com/#")
    assert found == {
        "alertId": "/subscriptions/00000000-0000-0000-0000-000000000000/providers"
        f"/Microsoft.AlertsManagement/alerts/{alert.guid}",
        "alertRule": "many-requests",
        "alertRuleID": "/subscriptions/0/rules/many-requests",
        "severity": "Sev2",
        "signalType": "Log",
        "monitorCondition": "Fired",
        "monitoringService": "Log Alerts V2",
        "alertTargetIDs": [WORKSPACE.lower()],
        "configurationItems": [],
        "originAlertId": alert.guid,
        "firedDateTime": "2026-01-05T08:05:12.0000000Z",
        "description": "Many requests from one address",
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
        "targetResourceType": "microsoft.operationalinsights/workspaces",
        "targetResourceGroup": "rg-demo",
    }


def test_a_resolved_alert_says_when_and_keeps_its_id() -> None:
    alert = an_alert()
    before = essentials(alert)
    alert.resolved_at = at(20)
    after = essentials(alert)
    assert after["monitorCondition"] == "Resolved"
    assert after["resolvedDateTime"] == "2026-01-05T08:20:00.0000000Z"
    assert after["alertId"] == before["alertId"]
    assert "resolvedDateTime" not in before
    fired_again = payload(alert, "Fired")["data"]["essentials"]
    assert fired_again == before, "a late retry still tells of the firing"


def test_the_context_names_the_condition_and_its_window() -> None:
    context = payload(an_alert(periods=2, failing_periods=1), "Fired")["data"]["alertContext"]
    assert context["conditionType"] == "LogQueryCriteria"
    assert context["condition"]["windowSize"] == "PT5M"
    assert context["condition"]["windowStartTime"] == "2026-01-05T08:00:00Z"
    assert context["condition"]["windowEndTime"] == "2026-01-05T08:05:00Z"
    found = context["condition"]["allOf"][0]
    links = {name: found.pop(name) for name in list(found) if name.startswith("linkTo")}
    assert found == {
        "searchQuery": TABLE,
        "metricMeasureColumn": None,
        "targetResourceTypes": "['microsoft.operationalinsights/workspaces']",
        "operator": "GreaterThan",
        "threshold": "2",
        "timeAggregation": "Count",
        "dimensions": [{"name": "ClientIp", "value": "203.0.113.7"}],
        "metricValue": 42,
        "failingPeriods": {"numberOfEvaluationPeriods": 2, "minFailingPeriodsToAlert": 1},
    }
    assert sorted(links) == [
        "linkToFilteredSearchResultsAPI",
        "linkToFilteredSearchResultsUI",
        "linkToSearchResultsAPI",
        "linkToSearchResultsUI",
    ]


def test_the_filtered_link_carries_the_query_with_the_dimension_value() -> None:
    alert = an_alert({"Name": "o'br\"ien\\"})
    parts = urlsplit(criterion(alert)["linkToFilteredSearchResultsAPI"])
    assert parts.netloc == "api.loganalytics.io"
    query = parse_qs(parts.query)
    assert query["query"] == [TABLE + '\n| where tostring(Name) == "o\'br\\"ien\\\\"']
    assert query["timespan"] == ["2026-01-05T08:00:00Z/2026-01-05T08:05:00Z"]
    assert TABLE in unquote(criterion(alert)["linkToSearchResultsUI"])


@pytest.mark.parametrize(
    ("threshold", "text"), [(10, "10"), (10.0, "10"), (0.5, "0.5"), (1_000_000.0, "1000000")]
)
def test_the_threshold_is_text_and_the_value_a_number(threshold: float, text: str) -> None:
    found = criterion(an_alert(value=12.5, threshold=threshold))
    assert found["threshold"] == text
    assert found["metricValue"] == 12.5


@pytest.mark.parametrize(
    ("dimensions", "items"),
    [
        ({"Computer": "c", "_ResourceId": "/r"}, ["/r"]),
        ({"Computer": "c", "Resource": "r"}, ["r"]),
        ({"Computer": "c"}, ["c"]),
        ({"_ResourceId": "", "Computer": "c"}, ["c"]),
        ({"ClientIp": "192.0.2.1"}, []),
    ],
)
def test_configuration_items_come_from_resource_dimensions(
    dimensions: dict[str, str], items: list[str]
) -> None:
    assert essentials(an_alert(dimensions))["configurationItems"] == items


def test_custom_properties_may_quote_the_alert() -> None:
    given = {
        "playbook": "block-ip",
        "who": "${data.alertContext.condition.allOf[0].dimensions[0].value}",
        "what": "Sev: ${data.essentials.severity}!",
        "typo": "${data.essentials.severitty}",
    }
    data = payload(an_alert(custom_properties=given), "Fired")["data"]
    assert data["customProperties"] == {
        "playbook": "block-ip",
        "who": "203.0.113.7",
        "what": "Sev: Sev2!",
        "typo": "${data.essentials.severitty}",
    }
    assert data["alertContext"]["properties"] == data["customProperties"]


def test_an_index_beyond_the_list_leads_nowhere() -> None:
    assert filled("${a[1]} ${a[0]}", {"a": ["x"]}) == "${a[1]} x"


def test_ids_follow_from_rule_dimensions_and_time() -> None:
    assert an_alert().id == an_alert().id
    assert an_alert({"ClientIp": "192.0.2.9"}).id != an_alert().id
    assert an_alert(id="/other").id != an_alert().id


def test_a_payload_is_json_of_azures_size() -> None:
    text = json.dumps(payload(an_alert(query=TABLE + "\n| where CsUriStem has 'x'" * 200), "Fired"))
    assert len(text) < 256 * 1024
