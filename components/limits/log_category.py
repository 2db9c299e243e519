"""The categories of resource logs that a diagnostic setting may name, by type of resource.

From Microsoft's page "Supported resource logs for Azure Monitor" and, for App Service, "App Service
monitoring data reference". Pure: no pulumi, no I/O.
"""

from collections.abc import Mapping
from typing import Final

SITES: Final = "microsoft.web/sites"

CONSOLE: Final = "AppServiceConsoleLogs"
HTTP: Final = "AppServiceHTTPLogs"
EVERY_TIER: Final = (
    CONSOLE,
    HTTP,
    "AppServiceAppLogs",
    "AppServicePlatformLogs",
    "AppServiceAuditLogs",
    "AppServiceIPSecAuditLogs",
    "AppServiceAuthenticationLogs",
)
"""Of an app in any plan; AppServiceAppLogs is taken too, and stays empty for Python on Linux."""
FROM_PREMIUM: Final = ("AppServiceFileAuditLogs", "AppServiceAntivirusScanAuditLogs")
"""A plan below Premium refuses the setting: "Category … is not supported"
(Azure/Enterprise-Scale #1169)."""
AUDIT: Final = ("AppServiceAuditLogs", "AppServiceIPSecAuditLogs", *FROM_PREMIUM)
"""Of the category group `audit`."""

_BY_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    SITES: (*EVERY_TIER, *FROM_PREMIUM),
    "microsoft.cache/redisenterprise": (),
    "microsoft.cache/redisenterprise/databases": ("ConnectionEvents",),
    "microsoft.dbforpostgresql/flexibleservers": (
        "PostgreSQLLogs",
        "PostgreSQLFlexSessions",
        "PostgreSQLFlexQueryStoreRuntime",
        "PostgreSQLFlexQueryStoreWaitStats",
        "PostgreSQLFlexTableStats",
        "PostgreSQLFlexDatabaseXacts",
        "PostgreSQLFlexPGBouncer",
        "PostgreSQLQueryStoreSqlText",
    ),
    "microsoft.insights/components": (
        *("AppAvailabilityResults", "AppBrowserTimings", "AppDependencies", "AppEvents"),
        *("AppExceptions", "AppMetrics", "AppPageViews", "AppPerformanceCounters"),
        *("AppRequests", "AppSystemEvents", "AppTraces"),
    ),
    "microsoft.keyvault/vaults": ("AuditEvent", "AzurePolicyEvaluationDetails"),
    "microsoft.logic/workflows": ("WorkflowRuntime",),
    "microsoft.network/networksecuritygroups": (
        "NetworkSecurityGroupEvent",
        "NetworkSecurityGroupRuleCounter",
    ),
    "microsoft.network/privatednszones": (),
    "microsoft.network/privateendpoints": (),
    "microsoft.network/virtualnetworks": ("VMProtectionAlerts",),
    "microsoft.operationalinsights/workspaces": ("Audit", "Jobs", "SummaryLogs"),
    "microsoft.storage/storageaccounts": (),
    "microsoft.web/serverfarms": (),
}
"""Empty for a type that has metrics alone."""


def categories(arm_type: str, sku: str = "") -> tuple[str, ...] | None:
    """Of a type such as `Microsoft.Web/sites`; None for one that has no diagnostic settings.

    `sku` is the size of an app's plan; '' asks for all that any plan has.
    """
    found = _BY_TYPE.get(arm_type.lower())
    if found is None or arm_type.lower() != SITES or not sku or _is_premium(sku):
        return found
    return EVERY_TIER


def _is_premium(sku: str) -> bool:
    """Premium or Isolated, which has all that Premium has."""
    return sku[:1].upper() in ("P", "I")
