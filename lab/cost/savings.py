"""What to change for a smaller bill: each change priced again on the same stack."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from components.content import detection
from components.limits.alert_rule import duration
from lab.azure.applicationinsights import WebTest
from lab.azure.core.diagnostic_setting import DiagnosticSetting
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.dbforpostgresql import Server
from lab.azure.monitor import ScheduledQueryRule
from lab.azure.operationalinsights import Workspace
from lab.azure.redisenterprise import RedisEnterprise
from lab.azure.web import AppServicePlan
from lab.cost import logs
from lab.cost.estimate import Estimate, estimate
from lab.cost.scene import at
from lab.cost.usage import DAYS_A_MONTH

Resources = list[Resource]
Change = Callable[[Sequence[Resource]], Resources]

SLOW: Final = "PT15M"
SMALLER: Final = {
    "P3v3": "P2v3",
    "P2v3": "P1v3",
    "P1v3": "P0v3",
    "P0v3": "B1",
    "P3v2": "P2v2",
    "P2v2": "P1v2",
    "P1v2": "P0v3",
    "S3": "S2",
    "S2": "S1",
    "S1": "B1",
    "B3": "B2",
    "B2": "B1",
}
_DRASTIC: Final = ("no availability test", "dailyCapGb")
"""What takes sight away altogether comes last, however much it saves."""

_LEAST_SAVING: Final = 0.01


@dataclass(frozen=True)
class Suggestion:
    """One change, what is lost by it, and the bill with it and all those before it."""

    change: str
    loses: str
    saves: float
    """A month, made alone."""
    monthly: float
    """With this change and those above it in the list."""

    def as_json(self) -> dict[str, Any]:
        saves, monthly = round(self.saves, 2), round(self.monthly, 2)
        return {"change": self.change, "loses": self.loses, "saves": saves, "monthly": monthly}


def suggestions(found: Estimate) -> list[Suggestion]:
    """Changes that apply and save, the gentle and large first, until the bill is about half."""
    alone = []
    for change, loses, make in _changes(found):
        saving = found.monthly - _again(found, make(found.scene.resources)).monthly
        if saving >= _LEAST_SAVING:
            alone.append((saving, change, loses, make))
    resources, monthly = list(found.scene.resources), found.monthly
    listed: list[Suggestion] = []
    for saving, change, loses, make in sorted(alone, key=_gentle_and_large_first):
        if monthly <= found.monthly / 2:
            break
        resources = make(resources)
        lower = _again(found, resources).monthly
        if monthly - lower >= _LEAST_SAVING:
            monthly = lower
            listed.append(Suggestion(change, loses, saving, monthly))
    return listed


def _gentle_and_large_first(one: tuple[float, str, str, Change]) -> tuple[bool, float]:
    saving, change, *_ = one
    return change.startswith(_DRASTIC), -saving


def _again(found: Estimate, resources: Sequence[Resource]) -> Estimate:
    scene = found.scene
    return estimate(resources, scene.usage, scene.volume, scene.prices)


def _changes(found: Estimate) -> Iterator[tuple[str, str, Change]]:
    """Change, what is lost by it, and how it is made; whether it saves is seen later."""
    for sku in sorted(
        {str(at(each.inputs, "sku", "name")) for each in found.scene.all(AppServicePlan)}
    ):
        smaller = SMALLER.get(sku)
        if smaller:
            loss = "power; see the size's limits"
            yield (
                f"appServiceSku: {smaller} instead of {sku}",
                loss,
                _of(AppServicePlan, _as_sku(smaller)),
            )
    cap, loss = _cap(found), "every log above it, and every alert with them"
    yield f"dailyCapGb: {cap:g}", loss, _of(Workspace, partial(_capped, cap=cap))
    yield from _FIXED


def _of(kind: type[ResourceType], make: Callable[[Resource], Resource]) -> Change:
    return lambda resources: [
        make(each) if each.token == kind.pulumi_type else each for each in resources
    ]


def _no(kind: type[ResourceType]) -> Change:
    return lambda resources: [each for each in resources if each.token != kind.pulumi_type]


def _set(resource: Resource, value: Any, *path: str) -> Resource:
    return replace(resource, inputs=_with(resource.inputs, value, path))


def _with(inputs: Any, value: Any, path: Sequence[str]) -> Any:
    if not path:
        return value
    inner = dict(inputs or {})
    inner[path[0]] = _with(inner.get(path[0]), value, path[1:])
    return inner


def _as_sku(name: str) -> Callable[[Resource], Resource]:
    return lambda plan: _set(plan, name, "sku", "name")


def _alone(plan: Resource) -> Resource:
    return _set(plan, 1, "sku", "capacity")


def _single(cluster: Resource) -> Resource:
    return _set(cluster, "Disabled", "highAvailability")


def _burstable(server: Resource) -> Resource:
    return _set(server, "Standard_B1ms", "sku", "name")


def _briefly(workspace: Resource) -> Resource:
    days = int(workspace.inputs.get("retentionInDays") or 30)
    return _set(workspace, min(days, 31), "retentionInDays")


def _slowed(rule: Resource) -> Resource:
    """Only where the window is long enough to be looked at every 15 minutes without a gap."""
    frequency, window = rule.inputs.get("evaluationFrequency"), rule.inputs.get("windowSize")
    if not frequency or not window:
        return rule
    slow = duration(SLOW)
    if duration(str(frequency)) >= slow or duration(str(window)) < slow:
        return rule
    return _set(rule, SLOW, "evaluationFrequency")


def _without_the_rest(resources: Sequence[Resource]) -> Resources:
    essential = {each.slug for each in detection.choose("essential")}
    known = set(detection.load_all())

    def goes(resource: Resource) -> bool:
        slug = at(resource.inputs, "actions", "customProperties", "detection")
        return resource.token == ScheduledQueryRule.pulumi_type and slug in known - essential

    return [each for each in resources if not goes(each)]


def _cap(found: Estimate) -> float:
    """Half of what comes in a day, in whole gigabytes: a tighter cap could not be set."""
    return max(round(logs.gigabytes(found.scene) / DAYS_A_MONTH / 2), 1)


def _capped(workspace: Resource, cap: float) -> Resource:
    now = float(at(workspace.inputs, "workspaceCapping", "dailyQuotaGb") or 0)
    tighter = cap if now <= 0 else min(cap, now)
    return _set(workspace, tighter, "workspaceCapping", "dailyQuotaGb")


def _slower_test(test: Resource) -> Resource:
    return _set(test, max(900, int(test.inputs.get("frequency") or 300)), "frequency")


def _without_metrics(setting: Resource) -> Resource:
    return _set(setting, [], "metrics")


_FIXED: Final[tuple[tuple[str, str, Change], ...]] = (
    (
        "instances: 1",
        "what a second instance bears when the first fails",
        _of(AppServicePlan, _alone),
    ),
    (
        "detections: [essential] instead of all",
        "the detections that only the full set has",
        _without_the_rest,
    ),
    (
        "alert rules every 15 minutes instead of more often",
        "up to 15 minutes until an alert",
        _of(ScheduledQueryRule, _slowed),
    ),
    (
        "availability test every 15 minutes",
        "up to 15 minutes until an outage is seen",
        _of(WebTest, _slower_test),
    ),
    ("no availability test", "outages are seen by users first", _no(WebTest)),
    ("31 days of logs", "older evidence", _of(Workspace, _briefly)),
    (
        "no metrics in the log store",
        "metrics in queries; metric alerts and charts stay",
        _of(DiagnosticSetting, _without_metrics),
    ),
    ("one Redis node", "limits and lockouts when that node fails", _of(RedisEnterprise, _single)),
    ("PostgreSQL Standard_B1ms", "power under load", _of(Server, _burstable)),
)
