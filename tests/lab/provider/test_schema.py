"""The schemas that the lab serves: complete in themselves, true to the SDKs behind them."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pulumi_azure_native import operationalinsights

from lab.azure import Azure
from lab.clock.clock import Clock
from lab.provider.answers import ProviderAnswers
from lab.provider.plugin import PACKAGES

WORKSPACE = "azure-native:operationalinsights:Workspace"


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    clock = Clock(datetime(2026, 1, 5, tzinfo=UTC))
    with Azure(clock, state_dir=tmp_path, run_apps=False) as made:
        yield made


def served(azure: Azure, package: str) -> dict[str, Any]:
    answers = ProviderAnswers(azure, threading.RLock())
    found: dict[str, Any] = json.loads(
        answers.answer("GetSchema", {"package": package, "version": 0})["schema"]
    )
    return found


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_type_that_is_named_is_described(azure: Azure, package: str) -> None:
    schema = served(azure, package)
    assert schema["name"] == package
    named = {name for name in references(schema) if name != "pulumi.json#/Any"}
    assert {name.removeprefix("#/types/") for name in named} == schema["types"].keys()
    for token, resource in schema["resources"].items():
        assert set(resource["requiredInputs"]) <= resource["inputProperties"].keys(), token
        assert set(resource["required"]) <= resource["properties"].keys(), token


def test_every_modelled_type_of_azure_is_there(azure: Azure) -> None:
    modelled = {each for each in azure.resources.types.modelled if each.startswith("azure-native:")}
    assert served(azure, "azure-native")["resources"].keys() == modelled
    assert WORKSPACE in modelled


def test_inputs_and_outputs_are_those_of_the_sdk(azure: Azure) -> None:
    found = served(azure, "azure-native")
    workspace = found["resources"][WORKSPACE]
    assert workspace["requiredInputs"] == ["resourceGroupName"]
    assert workspace["inputProperties"]["retentionInDays"] == {"type": "integer"}
    assert workspace["inputProperties"]["tags"]["additionalProperties"] == {"type": "string"}
    assert "customerId" in workspace["properties"]
    assert "customerId" not in workspace["inputProperties"]
    sku = workspace["inputProperties"]["sku"]["$ref"].removeprefix("#/types/")
    assert found["types"][sku]["required"] == ["name"]
    assert hasattr(operationalinsights.Workspace, "customer_id")


def test_a_drawn_password_is_a_secret_for_every_language(azure: Azure) -> None:
    drawn = served(azure, "random")["resources"]["random:index/randomPassword:RandomPassword"]
    secret = {name for name, spec in drawn["properties"].items() if spec.get("secret")}
    assert secret == {"bcryptHash", "result"}
