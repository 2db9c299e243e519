"""Alert rules in every form that people have them in come in as the same rule."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.limits.refusal import RefusedError
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.exchange import rule_file
from lab.logs.log_tables import LogTables

QUERY = "AppServiceHTTPLogs\n| where ScStatus == 401\n| summarize Hits = count() by CIp"
PROPERTIES: dict[str, Any] = {
    "severity": 2,
    "evaluationFrequency": "PT5M",
    "windowSize": "PT15M",
    "criteria": {
        "allOf": [
            {
                "query": QUERY,
                "timeAggregation": "Maximum",
                "metricMeasureColumn": "Hits",
                "operator": "GreaterThan",
                "threshold": 5,
                "dimensions": [{"name": "CIp", "operator": "Include", "values": ["*"]}],
                "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
            }
        ]
    },
}
TYPE = "Microsoft.Insights/scheduledQueryRules"
TERRAFORM = """\
variable "limit" {
  default = 5
}
locals {
  often = "PT5M"
}
resource "azurerm_monitor_scheduled_query_rules_alert_v2" "hits" {
  name                 = "hits"
  location             = azurerm_resource_group.main.location
  evaluation_frequency = local.often
  window_duration      = "PT15M"
  scopes               = [azurerm_log_analytics_workspace.main.id]
  severity             = 2
  criteria {
    query = <<-QUERY
      AppServiceHTTPLogs
      | where ScStatus == 401
      | summarize Hits = count() by CIp
    QUERY
    time_aggregation_method = "Maximum"
    metric_measure_column   = "Hits"
    operator                = "GreaterThan"
    threshold               = var.limit
    dimension {
      name     = "CIp"
      operator = "Include"
      values   = ["*"]
    }
  }
}
"""
ANALYTICS = {
    "kind": "Scheduled",
    "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
    "properties": {
        "displayName": "hits",
        "severity": "Medium",
        "query": f"{QUERY}\n| where Hits > 5",
        "queryFrequency": "PT15M",
        "queryPeriod": "PT15M",
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "techniques": ["T1110"],
        "entityMappings": [
            {
                "entityType": "IP",
                "fieldMappings": [{"identifier": "Address", "columnName": "CIp"}],
            }
        ],
    },
}


def changed(**properties: object) -> dict[str, Any]:
    return {"name": "hits", "type": TYPE, "properties": {**PROPERTIES, **properties}}


def template(*resources: dict[str, Any], **parts: object) -> dict[str, Any]:
    return {"$schema": "https://schema.management.azure.com/", "resources": resources, **parts}


def with_limit(limit: object) -> dict[str, Any]:
    condition = {**PROPERTIES["criteria"]["allOf"][0], "threshold": limit}
    return changed(criteria={"allOf": [condition]})


NESTED = {
    "type": "Microsoft.Resources/deployments",
    "properties": {
        "template": template(
            with_limit("[int(variables('limit'))]"),
            parameters={"limit": {"defaultValue": "5"}},
            variables={"limit": "[format('{0}', parameters('limit'))]"},
        )
    },
}


def with_condition(**properties: object) -> dict[str, Any]:
    return changed(criteria={"allOf": [{**PROPERTIES["criteria"]["allOf"][0], **properties}]})


def of_2018(**properties: object) -> dict[str, Any]:
    own = {"source": {"query": QUERY}, "schedule": {}, "action": {"severity": "2"}}
    return {"name": "hits", "type": TYPE, "properties": own | properties}


def rules(path: Path) -> list[AlertRule]:
    tables = LogTables()
    try:
        return [each.rule(tables) for each in rule_file.read(path)]
    finally:
        tables.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("exported.json", changed()),
        ("az.json", {"name": "hits", **PROPERTIES, "evaluationFrequency": "0:05:00"}),
        ("list.json", {"value": [changed()]}),
        ("template.json", template(changed(windowSize="PT15M"))),
        ("bicep.json", {"languageVersion": "2.0", "resources": {"hits": changed()}}),
        ("nested.json", template(NESTED)),
        ("analytics.json", template(ANALYTICS)),
        ("main.tf", TERRAFORM),
    ],
)
def test_each_form_comes_to_the_same_rule(name: str, content: object, tmp_path: Path) -> None:
    path = tmp_path / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    (found,) = rules(path)
    assert found.name == "hits"
    assert (found.operator, found.threshold, found.window_size) == ("GreaterThan", 5, "PT15M")
    assert (found.aggregation, found.measure_column, found.splits) == ("Maximum", "Hits", ("CIp",))
    lines = [line.strip() for line in found.query.splitlines()]
    assert [line for line in lines if not line.startswith("// allow")] == QUERY.splitlines()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.json", "{", "is not JSON: Expecting property name"),
        ("a.json", "{}", "has no alert rule; expected an alert rule"),
        ("a.json", changed(windowSize="PT7M"), "windowSize 'PT7M' is refused by Azure"),
        ("a.json", with_limit("[parameters('limit')]"), "parameter 'limit', which has no default"),
        ("a.json", with_limit("[reference('x').y]"), "it needs reference()"),
        ("a.json", with_limit("five"), "threshold 'five' is not allowed; expected a number"),
        ("a.json", changed(criteria={"allOf": []}), "has 0 conditions; expected one"),
        ("a.tf", "resource {", "is not Terraform"),
        ("a.tf", "locals {}\n", "has no alert rule; expected a resource"),
        ("a.tf", TERRAFORM.replace("var.limit", "var.other"), "it needs var.other"),
        ("a.tf", TERRAFORM.replace("PT15M", "PT7M"), "window_duration 'PT7M' is refused by Azure"),
        ("a.tf", TERRAFORM.replace("ScStatus", "Status"), "a.tf:17"),
        ("a.json", with_condition(failingPeriods=3), "failingPeriods 3 is not allowed"),
        ("a.json", with_condition(dimensions=[{"operator": "Include"}]), "dimensions ["),
        ("a.json", with_condition(dimensions=["CIp"]), "expected objects with name, operator"),
        ("a.json", with_limit(float("nan")), "threshold nan is not allowed"),
        ("a.json", changed(muteActionsDuration="abc"), "muteActionsDuration 'abc' is not"),
        ("a.json", changed(criteria={"allOf": ["x"]}), "criteria.allOf[0] 'x' is not allowed"),
        ("a.json", of_2018(action={"severity": "high"}), "severity 'high' is not allowed"),
        ("a.json", of_2018(schedule=5), "schedule 5 is not allowed; expected an object"),
        ("a.json", of_2018(source="q"), "source 'q' is not allowed; expected an object"),
        ("a.json", {"name": "hits", "type": TYPE, "properties": "x"}, "has 0 conditions"),
        ("a.json", template({**NESTED, "properties": "x"}), "has no alert rule"),
        ("a.tf", TERRAFORM.replace("dimension {", 'dynamic "dimension" {'), "named dynamic"),
        ("a.tf", TERRAFORM.replace('name     = "CIp"', ""), "dimension ["),
        ("a.bicep", "resource a", "expected the JSON that `az bicep build` makes of it"),
        ("a.docx", "x", "is of no known form; expected KQL"),
        ("a.kql", " \n", "is empty"),
        ("a.kql", "SigninLogs | where x == 1", "SigninLogs"),
        ("a.kql", "AppServiceHTTPLogs\n| where Status == 1", "a.kql:2"),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(
    name: str, content: object, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError) as raised:
        rules(path)
    assert raised.value.exit_code == 2
    assert expected in str(raised.value)
    assert name in str(raised.value)


def test_a_number_in_quotes_is_one_for_terraform(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    text = TERRAFORM.replace("= var.limit", '= "5"').replace("= 2\n", '= "2"\n')
    path.write_text(text, encoding="utf-8")
    (found,) = rules(path)
    assert (found.threshold, found.severity) == (5, 2)


def test_a_text_of_terraform_is_what_it_stands_for(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    lines = TERRAFORM.splitlines()
    first = next(n for n, line in enumerate(lines) if "<<-QUERY" in line)
    quoted = r'    query = "AppServiceHTTPLogs\n| where CsUriStem has \"${local.often}\"'
    quoted += r'\n| summarize Hits = count() by CIp"'
    path.write_text("\n".join([*lines[:first], quoted, *lines[first + 5 :]]), encoding="utf-8")
    (found,) = rules(path)
    assert found.query.splitlines()[1] == '| where CsUriStem has "PT5M"'
