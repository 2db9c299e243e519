"""Action groups and what goes with them: where they may be."""

from collections.abc import Iterator
from typing import Final

from policy.declared import UNKNOWN, Declared
from policy.rule import Rule

PLACELESS: Final = frozenset(
    {
        "azure-native:monitor:ActionGroup",
        "azure-native:monitor:MetricAlert",
        "azure-native:alertsmanagement:AlertProcessingRuleByName",
    }
)


def _is_global(resource: Declared) -> Iterator[str]:
    location = resource.value("location")
    if location != UNKNOWN and str(location or "").lower() != "global":
        yield f"lies in {location or 'no location, so that the provider takes its group’s'}"


IS_GLOBAL: Final = Rule(
    name="action-group-global",
    description="Action groups, metric alerts and alert processing rules are global in Azure.",
    level="mandatory",
    remediation='set location="global", as the provider would fill in the resource group\'s region',
    types=PLACELESS,
    check=_is_global,
)
RULES: Final = (IS_GLOBAL,)
