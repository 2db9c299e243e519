"""What Azure does that is nobody's fault: each is there when it is asked for, and not before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.faults import Faults, HttpRefusal, Turnstile
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.clock.clock import Clock

NETWORK = "azure-native:network:VirtualNetwork"
SITE = "azure-native:web:WebApp"
VAULT = "azure-native:keyvault:Vault"


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    clock = Clock(datetime(2026, 1, 5, 7, 30, tzinfo=UTC))
    with Azure(clock, state_dir=tmp_path, run_apps=False) as made:
        group = {"resourceGroupName": "lab", "location": "westeurope"}
        made.resources.create("azure-native:resources:ResourceGroup", "group", group)
        yield made


def make(azure: Azure, token: str, name: str, **inputs: Any) -> Resource:
    return azure.resources.create(token, name, {"resourceGroupName": "lab", **inputs})


def vault(azure: Azure) -> Resource:
    properties = {
        "tenantId": "00000000-0000-0000-0000-000000000001",
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    return make(azure, VAULT, "vault", vaultName="our-vault", properties=properties)


def test_a_door_that_asks_for_time_knows_who_does_not_give_it() -> None:
    moment = 0.0
    door = Turnstile([HttpRefusal(429, 2.0), HttpRefusal(503)], lambda: moment)
    assert door.refusal() == HttpRefusal(429, 2.0)
    moment = 1.9
    assert door.refusal() == HttpRefusal(429, 2.0)
    assert door.impatient == 1
    moment = 2.0
    assert door.refusal() == HttpRefusal(503)
    assert door.refusal() is None
    assert door.impatient == 1


def test_a_write_may_meet_another_one_once(azure: Azure) -> None:
    token = "azure-native:operationalinsights:Workspace"
    azure.service(Faults).busy[token] += 1
    with pytest.raises(ResourceError, match="AnotherOperationInProgress, 409"):
        make(azure, token, "logs")
    logs = make(azure, token, "logs")
    azure.service(Faults).busy[token] += 1
    with pytest.raises(ResourceError, match="logs: is busy"):
        azure.resources.change(logs, {**logs.inputs, "retentionInDays": 60})
    assert logs.inputs.get("retentionInDays") is None
    azure.resources.change(logs, {**logs.inputs, "retentionInDays": 60})


def test_a_deleted_vault_keeps_its_name(azure: Azure) -> None:
    kept = vault(azure)
    azure.resources.change(kept, {**kept.inputs, "tags": {"team": "soc"}})
    azure.resources.remove(kept)
    refused = (
        r"'our-vault' is taken; expected another name: a deleted vault has it until 2026-04-05"
    )
    with pytest.raises(ResourceError, match=refused):
        vault(azure)


def test_a_subnet_is_in_use_for_a_while_after_its_app(azure: Azure) -> None:
    azure.service(Faults).subnet_hold = timedelta(minutes=10)
    delegation = {"name": "app", "serviceName": "Microsoft.Web/serverFarms"}
    subnet = {"name": "app", "addressPrefix": "10.0.0.0/26", "delegations": [delegation]}
    space = {"addressPrefixes": ["10.0.0.0/24"]}
    network = make(azure, NETWORK, "net", addressSpace=space, subnets=[subnet])
    sku = {"name": "B1"}
    plan = make(
        azure, "azure-native:web:AppServicePlan", "plan", kind="linux", reserved=True, sku=sku
    )
    place = f"{network.id}/subnets/app"
    site = make(azure, SITE, "site", serverFarmId=plan.id, virtualNetworkSubnetId=place)
    azure.resources.remove(site)
    with pytest.raises(ResourceError, match=r"subnet app is in use \(InUseSubnetCannotBeDeleted\)"):
        azure.resources.remove(network)
    assert azure.resources.find(network.id) is network
    azure.clock.run_until(azure.clock.now + timedelta(minutes=10))
    azure.resources.remove(network)


def test_nothing_is_drawn_twice(azure: Azure) -> None:
    drawn = []
    for _ in range(2):
        made = azure.resources.create("random:index:RandomId", "suffix", {"byteLength": 3})
        drawn.append(made.outputs["hex"])
        azure.resources.remove(made)
    assert drawn[0] != drawn[1]
