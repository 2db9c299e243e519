"""Prices of logs: what comes in, what stays longer than Azure keeps it for nothing, Sentinel."""

from collections.abc import Iterator, Mapping
from typing import Final

from lab.azure.core.diagnostic_setting import DiagnosticSetting
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.operationalinsights import Workspace
from lab.azure.operationalinsights.billed_size import GB
from lab.azure.securityinsights import SentinelOnboardingState
from lab.azure.web import WebApp
from lab.cost.line import Entry, line
from lab.cost.scene import Pricing, Scene, at
from lab.cost.usage import DAYS_A_MONTH, HOURS_A_MONTH

METRICS: Final = 28
METRIC_ROW_BYTES: Final = 400
"""A web app has some 28 metrics, each a row of AzureMetrics a minute for each instance, of some
400 billed bytes (counted from the tables' columns; UNCONFIRMED against a bill)."""

TELEMETRY_BYTES: Final = 1_500
"""AppRequests and AppDependencies of one request (UNCONFIRMED against a bill)."""


def _workspace(workspace: Resource, scene: Scene) -> Iterator[Entry]:
    price = scene.price("log_ingestion")
    parts = list(_ingested(scene))
    cap = float(at(workspace.inputs, "workspaceCapping", "dailyQuotaGb") or 0)
    share = _share_below(cap, sum(quantity for _, quantity, _ in parts))
    for item, quantity, of in parts:
        capped = f"{of}; cut by the daily cap" if share < 1 else of
        yield line(workspace, item, quantity * share, price, capped)
    days = int(workspace.inputs.get("retentionInDays") or 30)
    paid = max(days - scene.prices.free_retention_days, 0)
    if paid:
        kept = sum(quantity for _, quantity, _ in parts) * share / DAYS_A_MONTH * paid
        of = f"{paid} days beyond the free {scene.prices.free_retention_days}"
        yield line(workspace, "logs kept", kept, scene.price("log_retention"), of)


def gigabytes(scene: Scene) -> float:
    """What comes in a month, before any cap."""
    return sum(quantity for _, quantity, _ in _ingested(scene))


def _ingested(scene: Scene) -> Iterator[tuple[str, float, str]]:
    """Item, gigabytes a month, and where the number comes from."""
    usage, volume = scene.usage, scene.volume
    requests = usage.requests_a_day * DAYS_A_MONTH
    sign_ins = usage.sign_ins_a_day * DAYS_A_MONTH
    of = f"{usage.requests_a_day:,.0f} requests and {usage.sign_ins_a_day:,.0f} sign-ins a day"
    yield "logs of the app", volume.gigabytes(requests, sign_ins), of
    exported = sum(map(_exports_metrics, scene.all(DiagnosticSetting)))
    if exported:
        rows = exported * METRICS * HOURS_A_MONTH * 60
        yield (
            "metrics sent to the log store",
            rows * METRIC_ROW_BYTES / GB,
            "every minute, expected",
        )
    if any(map(_sends_telemetry, scene.all(WebApp))):
        yield "telemetry", requests * TELEMETRY_BYTES / GB, "Application Insights, expected"


def _exports_metrics(setting: Resource) -> bool:
    metrics = setting.inputs.get("metrics") or []
    wanted = any(each.get("enabled") for each in metrics)
    return bool(wanted and setting.inputs.get("workspaceId"))


def _sends_telemetry(app: Resource) -> bool:
    settings = at(app.inputs, "siteConfig", "appSettings") or []
    return any(each.get("name") == "APPLICATIONINSIGHTS_CONNECTION_STRING" for each in settings)


def _share_below(cap: float, monthly: float) -> float:
    """How much of what comes in a month is kept under a cap of gigabytes a day; 0 is no cap."""
    if cap <= 0 or monthly <= 0:
        return 1.0
    return min(cap * DAYS_A_MONTH / monthly, 1.0)


def _sentinel(onboarding: Resource, scene: Scene) -> Iterator[Entry]:
    price = scene.price("sentinel_ingestion")
    yield line(onboarding, "Sentinel, on all that comes in", gigabytes(scene), price)


PRICED: Final[Mapping[type[ResourceType], Pricing]] = {
    Workspace: _workspace,
    SentinelOnboardingState: _sentinel,
}
