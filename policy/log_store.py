"""Log Analytics workspaces: evidence of a production stack must outlast an attack and a slip."""

from collections.abc import Iterator
from typing import Final

from policy.declared import UNKNOWN, Declared
from policy.rule import Rule

WORKSPACE: Final = "azure-native:operationalinsights:Workspace"
LEAST_DAYS_IN_PROD: Final = 90


def _protected(workspace: Declared) -> Iterator[str]:
    if workspace.is_in_prod and not workspace.protected:
        yield "can be deleted by one wrong command, with every log in it"


def _retention(workspace: Declared) -> Iterator[str]:
    days = workspace.value("retentionInDays")
    if not workspace.is_in_prod or days == UNKNOWN:
        return
    if days is None or float(days) < LEAST_DAYS_IN_PROD:
        yield f"keeps its logs for {'30' if days is None else f'{float(days):g}'} days"


PROTECTED: Final = Rule(
    name="log-store-protected",
    description="The log store of a production stack is protected.",
    level="mandatory",
    remediation="set protectLogStore: true, or protect=True among its options",
    types=frozenset({WORKSPACE}),
    check=_protected,
)
RETENTION: Final = Rule(
    name="log-store-retention",
    description="A production stack keeps its logs long enough to look back at an intrusion.",
    level="advisory",
    remediation=f"set retentionDays to {LEAST_DAYS_IN_PROD} or more",
    types=frozenset({WORKSPACE}),
    check=_retention,
)
RULES: Final = (PROTECTED, RETENTION)
