"""What is said about rules that the lab only records."""

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.monitor.metric.platform_rules import PlatformRules
from tests.support.platform_rules import MULTIPLE, a_metric_alert, a_site, dynamic


def test_rules_that_are_only_recorded_are_named_by_reason(azure: Azure, group: Resource) -> None:
    site = a_site(azure, group)
    rules = azure.service(PlatformRules)
    assert list(rules.notices()) == []
    a_metric_alert(azure, group, site)
    assert list(rules.notices()) == [], "this one is evaluated"
    criteria = {"odataType": MULTIPLE, "allOf": [dynamic()]}
    for name in ("one", "two"):
        a_metric_alert(azure, group, site, ruleName=name, criteria=criteria)
    assert list(rules.notices()) == [
        "recorded only, not evaluated: errors, errors; dynamic thresholds need 3 days of history"
    ]
