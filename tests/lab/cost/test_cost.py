"""What resources cost a month: each type by its own measure, and nothing silently for nothing."""

from pathlib import Path
from typing import Any

import pytest

from lab.azure import TYPES, Azure
from lab.azure.core.billing import Metered
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.storage import StorageAccount
from lab.clock.clock import Clock
from lab.cost import log_volume, price_list, savings, show
from lab.cost.estimate import PRICED, Estimate, estimate
from lab.cost.log_volume import LogVolume
from lab.cost.record import record
from lab.cost.usage import Usage, expected
from lab.engine.in_process import deploy
from lab.rehearsal.rehearsal import START

PRICES = price_list.load()
VOLUME = LogVolume(200.0, 600.0, 1, 1, "made up")
PROGRAM = """
import pulumi_random as random
from pulumi_azure_native import monitor, operationalinsights, resources, storage, web

group = resources.ResourceGroup("group", location="westeurope")
where = {"resource_group_name": group.name}
size = web.SkuDescriptionArgs(name="P1v3", capacity=2)
web.AppServicePlan("plan", **where, kind="linux", reserved=True, sku=size)
operationalinsights.Workspace("logs", **where, retention_in_days=90)
storage.StorageAccount(
    "files", **where, kind="StorageV2", sku=storage.SkuArgs(name="Standard_LRS"),
    account_name="filesofnobody",
)
random.RandomId("suffix", byte_length=3)
"""


def resource(token: str, inputs: dict[str, Any], name: str = "it") -> Resource:
    return Resource(f"azure-native:{token}", name, "", f"/{name}", name, inputs)


def bill(*resources: Resource, use: Usage | None = None) -> Estimate:
    return estimate(resources, use or expected(), VOLUME, PRICES)


def a_rule(frequency: str = "PT5M", *, window: str = "PT15M", **more: Any) -> Resource:
    condition = {"dimensions": [{"name": "SrcIpAddr"}]}
    inputs = {
        "evaluationFrequency": frequency,
        "windowSize": window,
        "criteria": {"allOf": [condition]},
    }
    return resource("monitor:ScheduledQueryRule", inputs | more, "rule")


def a_workspace(**inputs: Any) -> Resource:
    return resource("operationalinsights:Workspace", inputs, "logs")


def a_plan(sku: str, capacity: int = 1) -> Resource:
    return resource("web:AppServicePlan", {"sku": {"name": sku, "capacity": capacity}}, "plan")


def a_web_test(seconds: int = 300, **more: Any) -> Resource:
    locations = [{"location": str(number)} for number in range(5)]
    inputs = {"frequency": seconds, "locations": locations}
    return resource("applicationinsights:WebTest", inputs | more, "test")


def a_metric_rule(criterion: str | None = None, **more: Any) -> Resource:
    criteria = {"odataType": "Microsoft.Azure.Monitor.X", "allOf": [{"criterionType": criterion}]}
    inputs = {"criteria": criteria, "scopes": ["/a"]} | more
    return resource("monitor:MetricAlert", inputs, "metric")


def redis(**more: Any) -> Resource:
    return resource("redisenterprise:RedisEnterprise", {"sku": {"name": "Balanced_B3"}} | more)


def postgres(**more: Any) -> Resource:
    sizes = {"sku": {"name": "Standard_B1ms"}, "storage": {"storageSizeGB": 64}}
    return resource("dbforpostgresql:Server", sizes | more)


@pytest.mark.parametrize(
    ("given", "monthly"),
    [
        (a_plan("B1"), 12.41),
        (a_plan("P1v3", 3), 339.45),
        (a_plan("F1"), 0),
        (a_rule(), 1.80),
        (a_rule("PT15M"), 0.60),
        (a_rule(enabled=False), 0),
        (a_metric_rule(), 0.10),
        (a_metric_rule("DynamicThresholdCriterion"), 0.20),
        (a_metric_rule(scopes=["/a", "/b"]), 0.20),
        (a_metric_rule(enabled=False), 0),
        (
            a_metric_rule(
                criteria={
                    "odataType": "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria"
                }
            ),
            0.10,
        ),
        (a_web_test(), 28.25),
        (a_web_test(900), 9.417),
        (a_web_test(enabled=False), 0),
        (redis(), 94.90),
        (redis(highAvailability="Disabled"), 47.45),
        (postgres(), 24.89),
        (postgres(highAvailability={"mode": "ZoneRedundant"}), 49.78),
        (resource("keyvault:Vault", {}), 0.003),
        (resource("network:PrivateEndpoint", {}), 7.30),
        (resource("web:WebApp", {}), 0),
    ],
)
def test_a_resource_costs_what_its_type_is_billed_by(given: Resource, monthly: float) -> None:
    found = bill(given)
    assert found.monthly == pytest.approx(monthly, abs=0.005)
    assert not found.unpriced


def test_an_unknown_type_is_listed_as_not_priced() -> None:
    found = bill(resource("storage:StorageAccount", {}, "files"), a_plan("B1"))
    (open_,) = found.unpriced
    assert (open_.resource, open_.type) == ("files", "azure-native:storage:StorageAccount")
    assert "not priced: files" in show.markdown("dev", found, [])
    assert "1 not priced" in show.summary(found)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (a_plan("I9v9"), "app_service/I9v9"),
        (resource("dbforpostgresql:Server", {"sku": {"name": "X"}}), "postgres/X"),
        (redis(sku={"name": "Balanced_B1000"}), "managed_redis/Balanced_B1000"),
        (
            resource(
                "monitor:ActionGroup", {"smsReceivers": [{"name": "x", "countryCode": "999"}]}
            ),
            "notification/sms/999",
        ),
        (
            resource("monitor:ActionGroup", {"eventHubReceivers": [{"name": "x"}]}),
            "eventHubReceivers",
        ),
    ],
)
def test_a_size_without_a_price_is_listed_as_not_priced(given: Resource, key: str) -> None:
    assert [each.reason for each in bill(given).unpriced] == [f"the price list has no {key}"]


def test_every_type_of_the_stand_in_is_free_or_priced() -> None:
    metered = {kind for kind in TYPES.values() if isinstance(kind.billing, Metered)}
    assert metered - set(PRICED) == {StorageAccount}, "what it costs depends on what is in it"
    assert set(PRICED) <= metered


@pytest.mark.parametrize("kind", PRICED, ids=lambda kind: str(kind.pulumi_type))
def test_the_price_list_has_each_price_that_a_type_names(kind: type[ResourceType]) -> None:
    families = {key.partition("/")[0] for key in price_list.load().prices}
    assert isinstance(kind.billing, Metered)
    assert set(kind.billing.prices) <= families


def test_logs_cost_by_what_comes_in_and_by_what_stays() -> None:
    use = expected(1000, sign_ins_a_day=10_000, requests_a_day=1_000_000)
    daily = (1_000_000 * 200 + 10_000 * 600) / 1e9
    month = daily * 730 / 24
    assert bill(a_workspace(retentionInDays=31), use=use).monthly == pytest.approx(month * 2.99)
    kept = bill(a_workspace(retentionInDays=91), use=use)
    assert kept.monthly == pytest.approx(month * 2.99 + daily * 60 * 0.13)


def test_a_daily_cap_bounds_what_logs_cost() -> None:
    use = expected(sign_ins_a_day=0, requests_a_day=50_000_000)
    capped = bill(a_workspace(workspaceCapping={"dailyQuotaGb": 1}), use=use)
    assert capped.monthly == pytest.approx(730 / 24 * 2.99)
    assert "daily cap" in capped.lines[0].of
    endless = bill(a_workspace(workspaceCapping={"dailyQuotaGb": -1}), use=use)
    assert endless.monthly == pytest.approx(10 * capped.monthly)


def test_metrics_and_telemetry_in_the_log_store_are_counted() -> None:
    plain = bill(a_workspace()).monthly
    inputs = {"workspaceId": "/w", "metrics": [{"enabled": True}]}
    metrics = resource("monitor:DiagnosticSetting", inputs)
    key = {"name": "APPLICATIONINSIGHTS_CONNECTION_STRING", "value": "x"}
    app = resource("web:WebApp", {"siteConfig": {"appSettings": [key]}})
    with_metrics = bill(a_workspace(), metrics).monthly
    assert with_metrics == pytest.approx(plain + 28 * 400 * 730 * 60 / 1e9 * 2.99)
    assert bill(a_workspace(), metrics, app).monthly > with_metrics


def test_sentinel_costs_for_all_that_comes_in() -> None:
    without = bill(a_workspace())
    onboarding = resource("securityinsights:SentinelOnboardingState", {})
    assert bill(a_workspace(), onboarding).monthly == pytest.approx(2 * without.monthly)


def test_messages_cost_by_kind_and_country() -> None:
    receivers = {
        "emailReceivers": [{"name": "mail"}],
        "webhookReceivers": [{"name": "hook"}, {"name": "aad", "useAadAuth": True}],
        "smsReceivers": [{"name": "phone", "countryCode": "1"}],
        "logicAppReceivers": [{"name": "book"}],
    }
    found = bill(resource("monitor:ActionGroup", receivers), use=expected(alerts_a_month=1_000))
    assert found.monthly == pytest.approx(2_000 * (0.00002 + 0.000006 + 0.00006 + 0.00645))
    assert not found.unpriced


def test_a_playbook_costs_by_its_actions_at_each_alert() -> None:
    definition = {
        "actions": {
            "look": {"type": "If", "actions": {"a": {}}, "else": {"actions": {"b": {}, "c": {}}}},
            "tell": {},
            "choose": {"cases": {"x": {"actions": {"d": {}}}}, "default": {"actions": {"e": {}}}},
        }
    }
    book = resource("logic:Workflow", {"definition": definition})
    found = bill(book, use=expected(alerts_a_month=100))
    assert found.lines[0].quantity == 200 * (8 + 1)
    assert found.unconfirmed == ["logic_app_action"]


def test_free_grants_are_told_and_not_taken_for_granted() -> None:
    found = bill(a_workspace(), a_metric_rule())
    (logs, metric) = found.grants
    assert (logs.grant.key, metric.grant.key) == ("log_ingestion", "metric_alert_series")
    assert metric.saves == pytest.approx(0.10)
    assert found.after_grants == pytest.approx(0)
    assert found.monthly > 0.10
    much = bill(a_workspace(), use=expected(10_000_000))
    assert much.grants[0].saves == pytest.approx(5 * 2.99)


def test_a_stack_costs_what_its_program_registers(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n", encoding="utf-8")
    (tmp_path / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    with Azure(Clock(START), state_dir=tmp_path / "azure", run_apps=False) as azure:
        resources = deploy(tmp_path, "dev", azure).resources
    found = bill(*resources)
    by_name = {each.resource: 0.0 for each in found.lines}
    for each in found.lines:
        by_name[each.resource] += each.monthly
    assert by_name["plan"] == pytest.approx(226.30)
    assert by_name["logs"] > 0
    assert [each.resource for each in found.unpriced] == ["files"]


FULL = (
    a_plan("P1v3", 2),
    a_rule(),
    a_rule(window="PT5M"),
    a_web_test(),
    a_workspace(retentionInDays=365),
    redis(),
    resource("dbforpostgresql:Server", {"sku": {"name": "Standard_D2ds_v5"}}),
)


def test_each_suggestion_saves_what_recosting_says_until_the_bill_is_half() -> None:
    found = bill(*FULL)
    ideas = savings.suggestions(found)
    sums = [found.monthly, *(each.monthly for each in ideas)]
    assert sums == sorted(sums, reverse=True)
    assert sums[-1] <= found.monthly / 2 < sums[-2]
    plan = next(each for each in ideas if "instances: 1" in each.change)
    assert plan.saves == pytest.approx(113.15)


def test_a_slower_test_is_suggested_before_none_at_all() -> None:
    changes = [each.change for each in savings.suggestions(bill(a_web_test(), a_plan("B1")))]
    assert changes == ["availability test every 15 minutes", "no availability test"]


def test_what_does_not_apply_is_not_suggested() -> None:
    changes = [each.change for each in savings.suggestions(bill(a_rule(), a_plan("F1")))]
    assert changes == ["alert rules every 15 minutes instead of more often"]
    assert savings.suggestions(bill(a_rule("PT5M", window="PT5M"))) == []
    assert savings.suggestions(bill(a_plan("B1"))) == []


def test_the_essential_detections_are_suggested_only_beyond_them() -> None:
    def rule(slug: str) -> Resource:
        return a_rule(actions={"customProperties": {"detection": slug}}, windowSize="PT5M")

    from components.content import detection

    essential = {each.slug for each in detection.choose("essential")}
    rest = sorted(set(detection.load_all()) - essential)
    both = [rule(sorted(essential)[0]), rule(rest[0])]
    assert [each.saves for each in savings.suggestions(bill(*both))] == [pytest.approx(1.80)]
    assert savings.suggestions(bill(both[0])) == []


def test_the_markdown_cannot_be_left_by_a_name() -> None:
    hostile = resource("storage:StorageAccount", {}, "x | <script> @everybody\n# y")
    text = show.markdown("dev", bill(hostile, a_plan("B1")), [])
    assert "<script>" not in text
    assert "@everybody" not in text
    assert "\n# y" not in text


def test_the_record_holds_lines_sums_and_suggestions() -> None:
    found = bill(*FULL)
    content = record("dev", found, savings.suggestions(found))
    assert content["monthly"] == round(sum(each["monthly"] for each in content["lines"]), 2)
    assert sum(each["monthly"] for each in content["summed"]) == pytest.approx(
        content["monthly"], abs=0.01
    )
    assert content["suggestions"][-1]["monthly"] <= content["monthly"] / 2 + 0.01
    assert content["currency"] == "USD"


def test_what_is_shipped_was_measured() -> None:
    shipped = log_volume.shipped()
    assert 50 < shipped.bytes_a_request < 5_000
    assert 50 < shipped.bytes_a_sign_in < 50_000
    assert shipped.requests > 1_000
    assert "2026" in shipped.measured
