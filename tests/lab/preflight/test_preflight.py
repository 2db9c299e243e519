"""`lab preflight` against the lab's own door, with the real azure-identity behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.content.places import ROOT
from components.limits.regions import REGIONS
from lab.__main__ import app
from lab.azure import Azure
from lab.azure.core.resource_id import SUBSCRIPTION_ID
from lab.azure.management.door import ManagementDoor, Tenancy
from lab.azure.web.app_service import AppService
from lab.clock.clock import Clock
from lab.engine.in_process import deploy
from lab.host.loopback import HOST
from lab.preflight import checks
from lab.preflight.arm_client import ArmClient
from lab.preflight.finding import Finding
from lab.preflight.needs import Needs
from lab.rehearsal.rehearsal import START

READER = {"actions": ["*/read"], "notActions": []}
CONTRIBUTOR = {
    "actions": ["*"],
    "notActions": ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"],
}


class Desk:
    """The `max` stack in a lab, and the door through which a client asks about it."""

    def __init__(self, folder: Path) -> None:
        self.azure = Azure(Clock(START), state_dir=folder, run_apps=False).start()
        self.needs = Needs.of(deploy(ROOT, "max", self.azure).resources)
        self.tenancy = Tenancy()
        door = ManagementDoor(self.azure, self.tenancy, sorted(REGIONS))
        self.url = f"http://{HOST}:{self.azure.loopback.serve(door.application())}"
        self.token = "a-token"

    def ask(self, subscription: str = SUBSCRIPTION_ID) -> dict[str, Finding]:
        """The worst finding of each check."""
        client = ArmClient(subscription, lambda: self.token, self.url)
        order = ("ok", "unknown", "warning", "failed")
        worst: dict[str, Finding] = {}
        for finding in checks.run(client, self.needs):
            before = worst.get(finding.check)
            if before is None or order.index(finding.status) > order.index(before.status):
                worst[finding.check] = finding
        client.close()
        return worst


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("azure"))
    yield made
    made.azure.stop()


@pytest.fixture
def desk(shared: Desk) -> Desk:
    """As a fresh subscription of an owner."""
    tenancy = shared.tenancy
    tenancy.name, tenancy.state, tenancy.roles = "Lab subscription", "Enabled", [{**CONTRIBUTOR}]
    tenancy.roles = [{"actions": ["*"], "notActions": []}]
    tenancy.unregistered, tenancy.not_offered, tenancy.closed_to_postgres = set(), {}, {}
    shared.token = "a-token"
    return shared


def test_an_owner_of_a_prepared_subscription_may_go_on(desk: Desk) -> None:
    found = desk.ask()
    assert {name: finding.status for name, finding in found.items()} == {
        "subscription": "ok",
        "rights": "ok",
        "resource providers": "ok",
        "regions": "ok",
        "database": "ok",
        "plan quota": "unknown",
        "receivers": "failed",
    }
    assert "soc@example.com" in found["receivers"].said


def test_a_contributor_may_not_assign_the_roles_of_a_vault(desk: Desk) -> None:
    desk.tenancy.roles = [CONTRIBUTOR]
    found = desk.ask()["rights"]
    assert found.status == "failed"
    assert "Microsoft.Authorization/roleAssignments/write" in found.said
    assert "Role Based Access Control Administrator" in found.remedy


def test_rights_of_several_roles_add_up_over_the_pages_of_the_answer(desk: Desk) -> None:
    administrator = {"actions": ["Microsoft.Authorization/roleAssignments/*"], "notActions": []}
    desk.tenancy.roles = [READER, CONTRIBUTOR, administrator]
    assert desk.ask()["rights"].status == "ok"


def test_a_reader_is_told_what_is_missing_and_how_to_get_it(desk: Desk) -> None:
    desk.tenancy.roles = [READER]
    found = desk.ask()["rights"]
    assert found.status == "failed"
    assert "Contributor" in found.remedy
    assert f"/subscriptions/{SUBSCRIPTION_ID}" in found.remedy


def test_each_provider_that_is_not_registered_gets_its_command(desk: Desk) -> None:
    desk.tenancy.unregistered = {"Microsoft.Insights", "Microsoft.KeyVault"}
    found = desk.ask()["resource providers"]
    assert found.status == "failed"
    assert found.remedy == (
        "az provider register --wait -n Microsoft.Insights;"
        " az provider register --wait -n Microsoft.KeyVault"
    )


def test_a_type_that_the_region_does_not_have_is_named(desk: Desk) -> None:
    desk.tenancy.not_offered = {"Microsoft.Cache/redisEnterprise": {"westeurope"}}
    found = desk.ask()["regions"]
    assert found.status == "failed"
    assert found.said == "Microsoft.Cache/redisEnterprise is not offered in westeurope"


def test_a_region_that_is_closed_for_databases_is_told_with_azures_reason(desk: Desk) -> None:
    desk.tenancy.closed_to_postgres = {"westeurope": "Provisioning is restricted in this region."}
    found = desk.ask()["database"]
    assert found.status == "failed"
    assert "Provisioning is restricted" in found.said


@pytest.mark.parametrize("state", ["Disabled", "Warned", "PastDue"])
def test_a_subscription_that_takes_nothing_is_told_first(desk: Desk, state: str) -> None:
    desk.tenancy.state = state
    found = desk.ask()["subscription"]
    assert found.status == "failed"
    assert state in found.said


def test_another_subscription_is_not_there(desk: Desk) -> None:
    found = desk.ask("11111111-1111-1111-1111-111111111111")
    assert found["subscription"].status == "failed"
    assert "404 SubscriptionNotFound" in found["subscription"].said
    assert found["rights"].status == "unknown"


def test_nobody_answers_at_the_address(desk: Desk) -> None:
    client = ArmClient(SUBSCRIPTION_ID, lambda: "t", "http://127.0.0.1:9")
    (first, *rest) = checks.run(client, desk.needs)
    client.close()
    assert first.status == "failed"
    assert "127.0.0.1:9 does not answer" in first.said
    assert {finding.status for finding in rest} <= {"unknown", "failed"}


def test_what_max_needs_is_read_from_the_program(desk: Desk) -> None:
    assert {"Microsoft.Web", "Microsoft.Insights", "Microsoft.DBforPostgreSQL"} <= set(
        desk.needs.namespaces
    )
    assert "Microsoft.Cache/redisEnterprise/databases/listKeys/action" in desk.needs.actions
    assert "Microsoft.Resources/subscriptions/resourceGroups/write" in desk.needs.actions


def test_the_verb_signs_in_with_azure_identity_and_ends_with_one(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Azure(Clock(START), state_dir=tmp_path) as azure:
        for name, value in azure.service(AppService).edge.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NO_PROXY", HOST)
        monkeypatch.setenv("ARM_ENDPOINT", desk.url)
        monkeypatch.setenv("ARM_SUBSCRIPTION_ID", SUBSCRIPTION_ID)
        ran = CliRunner().invoke(app, ["preflight", "-s", "dev"])
    assert ran.exit_code == 1, ran.output
    assert "  NO  receivers: nobody reads soc@example.com" in ran.output
    assert "ok  subscription: Lab subscription is enabled" in ran.output


def test_without_a_subscription_it_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.delenv(name, raising=False)
    ran = CliRunner().invoke(app, ["preflight", "-s", "dev"])
    assert ran.exit_code == 2
    assert "expected --subscription ID" in ran.output
