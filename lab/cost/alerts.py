"""Prices of alert rules, availability tests, messages and playbooks."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from components.limits.alert_rule import duration
from lab.azure.applicationinsights import WebTest
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.logic import Workflow
from lab.azure.monitor import ActionGroup, MetricAlert, ScheduledQueryRule
from lab.cost import alert_price
from lab.cost.line import Entry, Unpriced, line
from lab.cost.scene import Pricing, Scene, at
from lab.cost.usage import HOURS_A_MONTH

MESSAGES_AN_ALERT: Final = 2
"""It fires, and it resolves."""

_RECEIVERS: Final = {
    "emailReceivers": ("e-mails", "email"),
    "webhookReceivers": ("webhook calls", "webhook"),
    "azureAppPushReceivers": ("push notifications", "push"),
    "itsmReceivers": ("ITSM events", "itsm"),
    "smsReceivers": ("text messages", "sms"),
    "voiceReceivers": ("voice calls", "voice"),
}
_BY_COUNTRY: Final = ("sms", "voice")
_PAID_ELSEWHERE: Final = ("logicAppReceivers", "armRoleReceivers", "azureFunctionReceivers")


def _log_rule(rule: Resource, scene: Scene) -> Iterator[Entry]:
    if rule.inputs.get("enabled") is False:
        return
    frequency = str(rule.inputs.get("evaluationFrequency", "PT5M"))
    found = alert_price.log_alert(frequency, _series(rule.inputs, scene), scene.prices)
    yield line(rule, f"log alert rule, every {spoken(frequency)}", 1, found.rule)
    if found.further_series:
        yield line(rule, "further time series of such rules", found.further_series, found.series)


def spoken(iso: str) -> str:
    """`5 min` for PT5M."""
    minutes = duration(iso) // timedelta(minutes=1)
    return f"{minutes} min" if minutes < 60 else f"{minutes / 60:g} h"


def worst_log_rules(scene: Scene) -> float:
    """A month of the log alert rules if every one with dimensions were attacked all the time."""
    return sum(
        alert_price.log_alert(
            str(rule.inputs.get("evaluationFrequency", "PT5M")),
            alert_price.expected_series(_dimensions(rule.inputs), alert_price.WORST_SERIES),
            scene.prices,
        ).monthly
        for rule in scene.all(ScheduledQueryRule)
        if rule.inputs.get("enabled") is not False
    )


def _dimensions(inputs: Mapping[str, Any]) -> list[Any]:
    conditions = at(inputs, "criteria", "allOf") or []
    return [each for one in conditions for each in one.get("dimensions") or []]


def _series(inputs: Mapping[str, Any], scene: Scene) -> int:
    return alert_price.expected_series(_dimensions(inputs), scene.usage.series)


def _metric_rule(rule: Resource, scene: Scene) -> Iterator[Entry]:
    if rule.inputs.get("enabled") is False:
        return
    kind = str(at(rule.inputs, "criteria", "odataType") or "")
    if kind.endswith("WebtestLocationAvailabilityCriteria"):
        yield line(rule, "availability alert rule", 1, scene.price("metric_alert_series"))
        return
    criteria = at(rule.inputs, "criteria", "allOf") or []
    scopes = max(len(rule.inputs.get("scopes") or []), 1)
    for criterion in criteria:
        split = alert_price.expected_series(criterion.get("dimensions") or [], scene.usage.series)
        series = scopes * split
        yield line(rule, "metric alert rule", series, scene.price("metric_alert_series"))
        if criterion.get("criterionType") == "DynamicThresholdCriterion":
            yield line(rule, "its dynamic threshold", series, scene.price("metric_alert_dynamic"))


def _web_test(test: Resource, scene: Scene) -> Iterator[Entry]:
    if test.inputs.get("enabled") is False:
        return
    locations = max(len(test.inputs.get("locations") or []), 1)
    seconds = int(test.inputs.get("frequency") or 300)
    executions = locations * HOURS_A_MONTH * 3600 / seconds
    of = f"{locations} locations, every {seconds // 60} min"
    yield line(test, "availability test", executions, scene.price("web_test_execution"), of)


def _action_group(group: Resource, scene: Scene) -> Iterator[Entry]:
    """Each alert goes to one group; which one is not known before it fires."""
    groups = max(len(scene.all(ActionGroup)), 1)
    messages = scene.usage.alerts_a_month * MESSAGES_AN_ALERT / groups
    for key, (item, kind) in _RECEIVERS.items():
        for receiver in group.inputs.get(key) or []:
            country = f"/{receiver.get('countryCode')}" if kind in _BY_COUNTRY else ""
            secured = "secure_" if kind == "webhook" and receiver.get("useAadAuth") else ""
            price = scene.price(f"notification/{secured}{kind}{country}")
            yield line(group, item, messages, price, f"to {receiver.get('name')}")
    known = {*_RECEIVERS, *_PAID_ELSEWHERE}
    for key in group.inputs:
        if key.endswith("Receivers") and group.inputs[key] and key not in known:
            reason = f"the price list has no {key}"
            yield Unpriced(group.logical_name, group.token, key, reason)


def _playbook(workflow: Resource, scene: Scene) -> Iterator[Entry]:
    actions = _actions(at(workflow.inputs, "definition", "actions") or {})
    runs = scene.usage.alerts_a_month * MESSAGES_AN_ALERT
    of = f"{actions} actions in {runs} runs, each as a built-in one"
    yield line(workflow, "playbook", runs * (actions + 1), scene.price("logic_app_action"), of)


def _actions(actions: Mapping[str, Any]) -> int:
    """Actions with those inside them, as if every branch ran."""
    inside = 0
    for action in actions.values():
        for branch in (action, action.get("else") or {}, action.get("default") or {}):
            inside += _actions(branch.get("actions") or {})
        for case in (action.get("cases") or {}).values():
            inside += _actions(case.get("actions") or {})
    return len(actions) + inside


PRICED: Final[Mapping[type[ResourceType], Pricing]] = {
    ScheduledQueryRule: _log_rule,
    MetricAlert: _metric_rule,
    WebTest: _web_test,
    ActionGroup: _action_group,
    Workflow: _playbook,
}
