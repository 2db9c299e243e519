"""What the components offer to programs in other languages."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.provider import ConstructResult

import components
from tests.conftest import Engine

PACKAGE = "login-monitor"

INPUTS: dict[str, dict[str, Any]] = {
    "AlertRouting": {"resourceGroupName": "rg", "alertEmails": ["soc@example.com"]},
    "DetectionSet": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceId": "workspace",
        "urgentActionGroupId": "urgent",
        "routineActionGroupId": "routine",
        "detections": ["password_spray"],
        "detectionOverrides": {"password_spray": {"severity": 1.0, "threshold": 3.0}},
    },
    "LogStore": {"resourceGroupName": "rg", "location": "westeurope", "retentionDays": 60.0},
    "LoginApp": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceId": "workspace",
        "initialUsers": {"alice": "correct-horse-battery"},
        "instances": 1.0,
    },
    "MonitoredLogin": {
        "location": "westeurope",
        "alertEmails": ["soc@example.com"],
        "initialUsers": {"alice": "correct-horse-battery"},
        "retentionDays": 60.0,
        "detectionOverrides": {"password_spray": {"severity": 1.0, "enabled": False}},
        "tags": {"team": "soc"},
    },
}
"""camelCase, every number a float: what the host hands over."""


@pytest.fixture(scope="module")
def provider() -> ComponentProvider:
    """The package, made in process."""
    offered = [getattr(components, name) for name in components.__all__]
    return ComponentProvider(offered, PACKAGE)


@pytest.fixture(scope="module")
def schema(provider: ComponentProvider) -> dict[str, Any]:
    """The package's schema."""
    found: dict[str, Any] = json.loads(provider.schema or "{}")
    return found


def component(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema["resources"][f"{PACKAGE}:index:{name}"]
    return found


def inputs(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every input of every component and nested type, by its dotted name."""
    for token, resource in schema["resources"].items():
        for name, spec in resource["inputProperties"].items():
            yield f"{token.rpartition(':')[2]}.{name}", spec
    for token, type_ in schema.get("types", {}).items():
        for name, spec in type_["properties"].items():
            yield f"{token.rpartition(':')[2]}.{name}", spec


def test_the_package_offers_exactly_the_public_list(schema: dict[str, Any]) -> None:
    tokens = {f"{PACKAGE}:index:{name}" for name in components.__all__}
    assert schema["resources"].keys() == tokens
    assert components.__all__ == sorted(components.__all__)


def test_every_input_says_whether_it_must_be_given(schema: dict[str, Any]) -> None:
    wrong = []
    for token, resource in schema["resources"].items():
        for name, spec in resource["inputProperties"].items():
            text = spec.get("description", "")
            word = "Required." if name in resource["requiredInputs"] else "Optional."
            if not text.startswith((word, "Conditional.")) or not text.endswith("."):
                wrong.append(f"{token}.{name}: {text!r}, expected {word}")
    for name, spec in inputs(schema):
        if not spec.get("description", "").startswith(("Required.", "Optional.", "Conditional.")):
            wrong.append(name)
    assert not wrong, "\n".join(wrong)


def test_every_component_and_output_is_described(schema: dict[str, Any]) -> None:
    wrong = [
        f"{token}.{name}"
        for token, resource in schema["resources"].items()
        for name, spec in [("", resource), *resource["properties"].items()]
        if not spec.get("description", "").endswith(".")
    ]
    assert not wrong


def test_the_same_input_has_the_same_text_everywhere(schema: dict[str, Any]) -> None:
    texts: dict[str, set[str]] = {}
    for name in ("AlertRouting", "DetectionSet", "LogStore", "LoginApp", "MonitoredLogin"):
        for key, spec in component(schema, name)["inputProperties"].items():
            texts.setdefault(key, set()).add(spec["description"])
    several = {
        key: found
        for key, found in texts.items()
        if len(found) > 1
        # These say what of the component goes there.
        and key not in {"resourceGroupName", "location", "workspaceId", "tags"}
    }
    assert not several


def test_every_component_takes_tags(schema: dict[str, Any]) -> None:
    for name in components.__all__:
        tags = component(schema, name)["inputProperties"]["tags"]
        assert tags["type"] == "object"
        assert tags["additionalProperties"]["type"] == "string"


def test_what_the_host_breaks_as_an_output_is_declared_plain(schema: dict[str, Any]) -> None:
    """Integers crash, enums are refused, objects are emptied (measured, SDK 3.272)."""

    def breaks(spec: dict[str, Any]) -> bool:
        is_nested = spec.get("$ref", "").startswith("#/types/")
        return (spec.get("type") == "integer" or is_nested) and not spec.get("plain")

    wrong = [
        name
        for name, spec in inputs(schema)
        if any(
            breaks(each)
            for each in (spec, spec.get("items"), spec.get("additionalProperties"))
            if each
        )
    ]
    assert not wrong, "declare them without Input"


def constructed(
    engine: Engine, provider: ComponentProvider, name: str, given: dict[str, Any]
) -> ConstructResult:
    results: list[ConstructResult] = []
    token = f"{PACKAGE}:index:{name}"
    engine.deploy(lambda: results.append(provider.construct("made", token, given, None)))
    return results[0]


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_a_component_can_be_made_from_plain_values(
    engine: Engine, provider: ComponentProvider, schema: dict[str, Any], name: str
) -> None:
    result = constructed(engine, provider, name, INPUTS[name])
    assert result.state.keys() == component(schema, name)["properties"].keys()


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_a_component_can_be_made_from_outputs(
    engine: Engine, provider: ComponentProvider, schema: dict[str, Any], name: str
) -> None:
    properties = component(schema, name)["inputProperties"]

    def given() -> dict[str, Any]:
        return {
            key: value if properties[key].get("plain") else pulumi.Output.secret(value)
            for key, value in INPUTS[name].items()
        }

    token = f"{PACKAGE}:index:{name}"
    engine.deploy(lambda: provider.construct("made", token, given(), None) and None)
    plain = Engine("dev")
    constructed(plain, provider, name, INPUTS[name])
    assert {each.name for each in engine.registered} == {each.name for each in plain.registered}
    for each, other in zip(
        sorted(engine.registered, key=lambda found: found.name),
        sorted(plain.registered, key=lambda found: found.name),
        strict=True,
    ):
        assert each.inputs == other.inputs, each.name


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_an_input_that_nobody_knows_is_not_swallowed(schema: dict[str, Any], name: str) -> None:
    assert INPUTS[name].keys() <= component(schema, name)["inputProperties"].keys()
    assert set(component(schema, name)["requiredInputs"]) <= INPUTS[name].keys()


def test_every_component_has_an_example_here() -> None:
    assert INPUTS.keys() == set(components.__all__)
