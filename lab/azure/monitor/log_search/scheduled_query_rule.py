"""Log search alert rules: checked as Azure checks them, evaluated on the lab's clock."""

import json
from collections.abc import Mapping
from typing import Any, Final

from components.limits import alert_rule
from components.limits.alert_rule import AlertRuleValues
from components.limits.refusal import ABSENT, Place, Refusal, nearest
from lab.azure.core.billing import Metered
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.kusto.column_type import is_measurable, is_splittable
from lab.kusto.kusto_error import KustoError

_CRITERION: Final = (
    *("timeAggregation", "metricMeasureColumn", "operator", "threshold", "query", "dimensions"),
    *("numberOfEvaluationPeriods", "minFailingPeriodsToAlert", "alertSensitivity"),
)
_STATIC: Final = "StaticThresholdCriterion"
_DYNAMIC: Final = "DynamicThresholdCriterion"


class ScheduledQueryRule(ResourceType):
    """One condition over one workspace; one with a dynamic threshold is recorded only."""

    pulumi_type = "azure-native:monitor:ScheduledQueryRule"
    path = ArmPath("Microsoft.Insights/scheduledQueryRules", ("ruleName",))
    name_rule = NameRule(1, 260, r"[^#<>%&:\\?/{}*]+", r"none of #<>%&:\?/{}*")
    # The SDK's monitor.ConditionOperator belongs to another API (`gt`, `eq`).
    allowed_values = {"criteria.allOf.operator": alert_rule.ANY_OPERATOR}
    billing = Metered(("log_alert_rule", "log_alert_series"))
    replace_on = ("scopes",)

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Azure's limits, then that the workspace and the action groups exist."""
        problems = _shape_problems(inputs) or [*_limit_problems(inputs), *self._missing(inputs)]
        return [*problems, *_size_problems(inputs)]

    def create(self, resource: Resource) -> None:
        rule = AlertRule.from_arm(resource.inputs, id=resource.id, name=resource.name)
        tables = self.azure.log_tables(rule.scopes[0])
        if not resource.inputs.get("skipQueryValidation"):
            try:
                wrong = _column_problems(rule, tables.shape(rule.query))
            except KustoError as error:
                wrong = [refused("criteria.allOf[0].query", ABSENT, str(error), "is refused")]
            if wrong:
                raise ResourceError(resource.token, resource.logical_name, wrong)
        if rule.sensitivity is not None:
            self.azure.service(Evaluator).keep(rule)
        else:
            self.azure.service(Evaluator).start(rule, tables)

    def delete(self, resource: Resource) -> None:
        self.azure.service(Evaluator).stop(resource.id)

    def _missing(self, inputs: Mapping[str, Any]) -> list[Refusal]:
        found = []
        scope = str(inputs["scopes"][0])
        if scope.lower() not in self.azure.workspaces:
            expectation = "expected the id of a Log Analytics workspace that exists"
            found.append(refused("scopes[0]", scope, expectation))
        groups = (inputs.get("actions") or {}).get("actionGroups") or []
        if len(groups) > alert_rule.MAX_ACTION_GROUPS:
            expectation = f"expected at most {alert_rule.MAX_ACTION_GROUPS}"
            found.append(refused("actions.actionGroups", len(groups), expectation))
        for number, group in enumerate(groups):
            if self.azure.resources.find(group) is None:
                place = f"actions.actionGroups[{number}]"
                found.append(refused(place, group, "expected an action group that exists"))
        return found


def _size_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """ "The combined size of all data in the log alert rule properties can't exceed 64 KB"."""
    size = len(json.dumps(inputs, separators=(",", ":"), ensure_ascii=False).encode())
    if size <= alert_rule.MAX_RULE_BYTES:
        return []
    expectation = f"expected at most {alert_rule.MAX_RULE_BYTES} bytes in all properties together"
    where = Place(property="criteria.allOf[0].query")
    return [Refusal(where, f"makes {size} bytes of the rule", expectation)]


def _column_problems(rule: AlertRule, shape: Mapping[str, str]) -> list[Refusal]:
    """What is measured and split by, held against the columns of the query's result."""
    place, found = "criteria.allOf[0]", []
    for number, each in enumerate(rule.dimensions):
        name = f"{place}.dimensions[{number}].name"
        if each.name not in shape:
            found.append(refused(name, each.name, nearest(each.name, shape), "is no column"))
        elif not is_splittable(shape[each.name]):
            found.append(refused(name, each.name, "expected a column of texts or numbers"))
    column = rule.measure_column
    if column is not None and column not in shape:
        name = f"{place}.metricMeasureColumn"
        found.append(refused(name, column, nearest(column, shape), "is no column"))
    elif column is not None and not is_measurable(shape[column]):
        name = f"{place}.metricMeasureColumn"
        found.append(refused(name, column, "expected a column of numbers"))
    return found


def _shape_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    """What the values below need to be there at all."""
    required = ("scopes", "evaluationFrequency", "windowSize", "criteria", "severity")
    found = [
        refused(name, ABSENT, "expected a value", "is missing")
        for name in required
        if inputs.get(name) is None
    ]
    kind = inputs.get("kind") or "LogAlert"
    if kind != "LogAlert":
        found.append(refused("kind", kind, "expected LogAlert: the lab evaluates no other kind"))
    scopes = inputs.get("scopes")
    if scopes is not None and len(scopes) != 1:
        found.append(refused("scopes", scopes, "expected exactly one resource id"))
    criteria = (inputs.get("criteria") or {}).get("allOf")
    if inputs.get("criteria") is not None and (criteria is None or len(criteria) != 1):
        expectation = "expected one condition: Microsoft documents rules with no other number"
        found.append(refused("criteria.allOf", len(criteria or ()), expectation))
    elif criteria:
        found += _criterion_problems(criteria[0])
    return found


def _criterion_problems(criterion: Mapping[str, Any]) -> list[Refusal]:
    place = "criteria.allOf[0]"
    kind = criterion.get("criterionType") or _STATIC
    if kind not in (_STATIC, _DYNAMIC):
        expectation = f"expected {_STATIC} or {_DYNAMIC}"
        return [refused(f"{place}.criterionType", kind, expectation)]
    measure = "alertSensitivity" if kind == _DYNAMIC else "threshold"
    found = [
        refused(f"{place}.{name}", ABSENT, "expected a value", "is missing")
        for name in ("query", "timeAggregation", "operator", measure)
        if criterion.get(name) is None
    ]
    if kind == _STATIC and criterion.get("alertSensitivity") is not None:
        name = f"{place}.alertSensitivity"
        found.append(refused(name, criterion["alertSensitivity"], f"expected it with {_DYNAMIC}"))
    for number, dimension in enumerate(criterion.get("dimensions") or ()):
        if dimension["operator"] not in ("Include", "Exclude"):
            name = f"{place}.dimensions[{number}].operator"
            found.append(refused(name, dimension["operator"], "expected Include or Exclude"))
        if not dimension["values"]:
            name = f"{place}.dimensions[{number}].values"
            found.append(refused(name, [], 'expected values, or "*" for all'))
    return found


def _limit_problems(inputs: Mapping[str, Any]) -> list[Refusal]:
    criterion = inputs["criteria"]["allOf"][0]
    resolve = inputs.get("resolveConfiguration")
    values = _values(inputs, criterion, inputs.get("autoMitigate"))
    found = [
        refused(_place(each.where.property), each.value, each.expected)
        for each in alert_rule.refusals(values)
        # A rule that says when to resolve leaves autoMitigate out, and may not be muted.
        if not (resolve and each.where.property == "autoMitigate")
    ]
    for name in ("autoMitigate", "muteActionsDuration"):
        if resolve and inputs.get(name) is not None:
            found.append(refused(name, inputs[name], "expected none with resolveConfiguration"))
    return found


def _values(
    inputs: Mapping[str, Any], criterion: Mapping[str, Any], auto_mitigate: bool | None
) -> AlertRuleValues:
    periods = criterion.get("failingPeriods") or {}
    return AlertRuleValues(
        severity=inputs["severity"],
        evaluation_frequency=inputs["evaluationFrequency"],
        window_size=inputs["windowSize"],
        time_aggregation=criterion["timeAggregation"],
        operator=criterion["operator"],
        threshold=criterion.get("threshold"),
        alert_sensitivity=criterion.get("alertSensitivity"),
        query=criterion["query"],
        metric_measure_column=criterion.get("metricMeasureColumn"),
        dimensions=[each["name"] for each in criterion.get("dimensions") or ()],
        number_of_evaluation_periods=int(periods.get("numberOfEvaluationPeriods", 1)),
        min_failing_periods=int(periods.get("minFailingPeriodsToAlert", 1)),
        description=inputs.get("description") or "",
        auto_mitigate=auto_mitigate,
        mute_actions_duration=inputs.get("muteActionsDuration"),
        override_query_time_range=inputs.get("overrideQueryTimeRange"),
    )


def _place(name: str) -> str:
    if name in ("numberOfEvaluationPeriods", "minFailingPeriodsToAlert"):
        return f"criteria.allOf[0].failingPeriods.{name}"
    return f"criteria.allOf[0].{name}" if name in _CRITERION else name
