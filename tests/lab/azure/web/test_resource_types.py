"""Plans and web apps as resources: what Azure refuses, what it gives back."""

from pathlib import Path
from typing import Any

import pytest
import requests

from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.web.app_service import AppService
from lab.clock.clock import Clock
from tests.support.demo_site import APP, START, Publisher, RecordingAzure, package

GROUP = "azure-native:resources:ResourceGroup"
PLAN = "azure-native:web:AppServicePlan"
SITE = "azure-native:web:WebApp"
SCM = "azure-native:web:WebAppScmAllowed"
FTP = "azure-native:web:WebAppFtpAllowed"


@pytest.fixture
def group(azure: RecordingAzure) -> Resource:
    inputs = {"resourceGroupName": "lab", "location": "westeurope"}
    return azure.resources.create(GROUP, "group", inputs)


def plan(azure: RecordingAzure, **changes: Any) -> Resource:
    usual: dict[str, Any] = {"kind": "linux", "reserved": True, "sku": {"name": "B1"}}
    inputs = {"resourceGroupName": "lab", "name": "plan", **usual, **changes}
    return azure.resources.create(PLAN, "plan", inputs)


def site(azure: RecordingAzure, farm: str, config: dict[str, Any], **changes: Any) -> Resource:
    inputs = {
        "resourceGroupName": "lab",
        "name": "Demo",
        "serverFarmId": farm,
        "siteConfig": config,
        **changes,
    }
    return azure.resources.create(SITE, "site", inputs)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"reserved": None}, r"reserved .*true for a Linux plan; without it Azure makes Windows"),
        ({"reserved": False}, r"reserved False .*true for a Linux plan"),
        ({"sku": {"name": "B1", "capacity": 4}}, r"sku\.capacity 4 .*at most 3 with B1"),
        ({"zoneRedundant": True}, r"zoneRedundant True .*Premium v2, v3, v4"),
    ],
)
def test_a_plan_that_azure_refuses_is_refused(
    azure: RecordingAzure, group: Resource, changes: dict[str, Any], refusal: str
) -> None:
    given = {key: value for key, value in changes.items() if value is not None}
    if changes.get("reserved", True) is None:
        inputs = {"resourceGroupName": "lab", "name": "plan", "kind": "linux", **given}
        with pytest.raises(ResourceError, match=refusal):
            azure.resources.create(PLAN, "plan", inputs)
        return
    with pytest.raises(ResourceError, match=refusal):
        plan(azure, **given)


def test_a_zone_redundant_premium_plan_is_taken(azure: RecordingAzure, group: Resource) -> None:
    made = plan(azure, zoneRedundant=True, sku={"name": "P1v3", "capacity": 3})
    assert made.outputs["status"] == "Ready"


@pytest.mark.parametrize(
    ("sku", "config", "changes", "refusal"),
    [
        ("F1", {"alwaysOn": True}, {}, r"siteConfig\.alwaysOn True .*does not allow it \(409\)"),
        ("F1", {"use32BitWorkerProcess": False}, {}, r"use32BitWorkerProcess False .*64-bit"),
        ("B1", {"linuxFxVersion": "PYTHON|2.7"}, {}, r"linuxFxVersion 'PYTHON\|2\.7' .*3\.14"),
        ("B1", {"healthCheckPath": "health"}, {}, r"healthCheckPath 'health' .*begins /"),
        ("B1", {}, {"location": "northeurope"}, r"location 'northeurope' .*where its plan is"),
    ],
)
def test_a_site_that_azure_refuses_is_refused(
    azure: RecordingAzure,
    group: Resource,
    sku: str,
    config: dict[str, Any],
    changes: dict[str, Any],
    refusal: str,
) -> None:
    farm = plan(azure, sku={"name": sku}, location="West Europe")
    with pytest.raises(ResourceError, match=refusal):
        site(azure, farm.id, config, **changes)


def test_a_site_without_its_plan_is_refused(azure: RecordingAzure, group: Resource) -> None:
    with pytest.raises(ResourceError, match="serverFarmId 'elsewhere' is not found"):
        site(azure, "elsewhere", {})


def test_a_linux_runtime_needs_a_linux_plan(azure: RecordingAzure, group: Resource) -> None:
    farm = plan(azure, kind="app", reserved=False)
    with pytest.raises(ResourceError, match=r"linuxFxVersion 'PYTHON\|3\.12' .*reserved true"):
        site(azure, farm.id, {"linuxFxVersion": "PYTHON|3.12"})


def test_a_site_tells_what_azure_would(azure: RecordingAzure, group: Resource) -> None:
    config = {"alwaysOn": True, "appSettings": [{"name": "KEY", "value": "s3cret"}]}
    made = site(azure, plan(azure).id, config, identity={"type": "SystemAssigned"})
    assert made.outputs["defaultHostName"] == "demo.azurewebsites.net"
    assert made.outputs["enabledHostNames"][1] == "demo.scm.azurewebsites.net"
    assert made.outputs["state"] == "Running"
    assert made.outputs["siteConfig"] == {"alwaysOn": True}
    principal = made.outputs["identity"]["principalId"]
    assert len(principal) == 36
    assert principal != made.outputs["identity"]["tenantId"]


def test_a_site_lives_as_long_as_its_resource(azure: RecordingAzure, group: Resource) -> None:
    config: dict[str, Any] = {"appCommandLine": "python app.py"}
    made = site(azure, plan(azure).id, config)
    service = azure.service(AppService)
    publisher = Publisher(service)
    assert publisher.publish(package({"app.py": APP})).status_code == 200
    hosted = service.site("demo")
    assert hosted is not None

    settings = [{"name": "COLOUR", "value": "green"}]
    changed = {**made.inputs, "siteConfig": {**config, "appSettings": settings}}
    azure.resources.update(made.id, changed)
    told = requests.get(hosted.url, timeout=10).json()
    assert told["environment"]["COLOUR"] == "green"

    azure.resources.delete(made.id)
    assert service.sites == []
    assert hosted.site.group_id is None
    assert publisher.get("/api/deployments").status_code == 404


@pytest.mark.parametrize("allow", [True, False])
def test_the_policy_decides_about_passwords(
    azure: RecordingAzure, group: Resource, allow: bool
) -> None:
    made = site(azure, plan(azure).id, {})
    inputs = {"resourceGroupName": "lab", "name": made.name, "allow": allow}
    policy = azure.resources.create(SCM, "scm", inputs)
    azure.resources.create(FTP, "ftp", inputs)
    hosted = azure.service(AppService).site(made.name)
    assert hosted is not None
    assert hosted.kudu.basic_allowed is allow
    azure.resources.delete(policy.id)
    assert hosted.kudu.basic_allowed


def test_a_lab_that_runs_no_apps_opens_no_doors(tmp_path: Path) -> None:
    options = {"state_dir": tmp_path / "state", "run_apps": False}
    with RecordingAzure(Clock(START), **options) as azure:
        azure.resources.create(
            GROUP, "group", {"resourceGroupName": "lab", "location": "westeurope"}
        )
        made = site(azure, plan(azure).id, {})
        inputs = {"resourceGroupName": "lab", "name": made.name, "allow": False}
        azure.resources.create(SCM, "scm", inputs)
        assert made.outputs["defaultHostName"] == "demo.azurewebsites.net"
        assert not azure.has(AppService)
        assert azure._loopback is None
        azure.resources.delete(made.id)
