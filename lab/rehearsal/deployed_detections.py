"""Which detections a stack has deployed, told by the alert rules of the lab's Azure."""

from lab.azure import Azure
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.azure.monitor.log_search.evaluator import Evaluator


def slug_of(runner: AlertRuleRunner) -> str:
    """The detection that a deployed rule was made from; '' for the platform's own rules."""
    return runner.rule.custom_properties.get("detection", "")


def slugs(azure: Azure, *, enabled: bool) -> list[str]:
    """Those whose rule is switched on, or off."""
    runners = azure.service(Evaluator).runners.values()
    return sorted(
        slug for each in runners if (slug := slug_of(each)) and each.rule.enabled == enabled
    )


def learning(azure: Azure) -> list[str]:
    """Those with a dynamic threshold, which Azure alone can learn."""
    rules = azure.service(Evaluator).learning.values()
    return sorted(slug for rule in rules if (slug := rule.custom_properties.get("detection")))
