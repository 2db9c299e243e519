"""What the components offer to programs in other languages."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.provider import ConstructResult
from pulumi.runtime.rpc import UNKNOWN

import components
from components import package
from components.content.places import APP_SOURCE
from tests.conftest import Engine

PACKAGE = package.NAME

IN_A_MONTH = str(date.today() + timedelta(days=30))

INPUTS: dict[str, dict[str, Any]] = {
    "ActivityExport": {"workspaceId": "workspace"},
    "AlertRouting": {
        "resourceGroupName": "rg",
        "alertEmails": ["soc@example.com"],
        "smsNumbers": [{"countryCode": "49", "number": "15100000000"}],
        "logicApps": [{"name": "playbook", "workflowId": "wf", "callbackUrl": "https://example"}],
        "suppressionWindows": [{"name": "first", "repeats": "monthly", "monthDays": [1.0]}],
        "resourceGroupId": "group",
    },
    "AppLogs": {
        "appId": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/app",
        "workspaceId": "workspace",
        "appServiceSku": "P1v3",
    },
    "DetectionSet": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceId": "workspace",
        "urgentActionGroupId": "urgent",
        "routineActionGroupId": "routine",
        "detections": ["password_spray"],
        "detectionOverrides": {"password_spray": {"severity": 1.0, "threshold": 3.0}},
        "exceptions": [
            {"address": "198.51.100.7", "reason": "a test of ours", "expires": IN_A_MONTH}
        ],
    },
    "SecurityDashboard": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceId": "/subscriptions/s/resourceGroups/rg/providers/w/workspaces/logs",
    },
    "SentinelRules": {
        "resourceGroupName": "rg",
        "workspaceName": "logs",
        "onboard": True,
        "detections": ["password_spray", "script_injection_probe"],
        "detectionOverrides": {"password_spray": {"severity": 1.0, "threshold": 3.0}},
        "exceptions": [
            {"address": "198.51.100.7", "reason": "a test of ours", "expires": IN_A_MONTH}
        ],
    },
    "LogStore": {"resourceGroupName": "rg", "location": "westeurope", "retentionDays": 60.0},
    "LoginApp": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceId": "workspace",
        "initialUsers": {"alice": "correct-horse-battery"},
        "captcha": "always",
        "sessionHours": 8.0,
        "secondFactorFor": ["alice"],
        "trustedProxies": ["10.1.0.0/24"],
        "instances": 1.0,
        "identityId": "identity",
        "vaultName": "vault",
        "databaseUrl": "postgresql+psycopg://identity@db/logins",
        "databaseIdentity": "client",
        "limitsUrl": "rediss://:key@redis:10000/0",
        "appSubnetId": "subnet",
    },
    "LoginDatabase": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceId": "workspace",
        "networkId": "/subscriptions/0/virtualNetworks/made",
        "databaseSubnetId": "/subscriptions/0/virtualNetworks/made/subnets/database",
        "databaseStorageGb": 64.0,
        "databaseBackupDays": 14.0,
        "databaseAuthentication": "both",
        "identityName": "identity",
        "identityPrincipalId": "principal",
        "tenantId": "tenant",
    },
    "MonitoredLogin": {
        "location": "westeurope",
        "alertEmails": ["soc@example.com"],
        "initialUsers": {"alice": "correct-horse-battery"},
        "retentionDays": 60.0,
        "detectionOverrides": {"password_spray": {"severity": 1.0, "enabled": False}},
        "exceptions": [
            {"address": "198.51.100.7", "reason": "a test of ours", "expires": IN_A_MONTH}
        ],
        "tags": {"team": "soc"},
    },
    "PlatformAlerts": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "urgentActionGroupId": "urgent",
        "routineActionGroupId": "routine",
        "appId": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/app",
        "url": "https://app.azurewebsites.net",
        "insightsId": "/subscriptions/0/resourceGroups/g/providers/Microsoft.Insights/components/i",
        "planId": "plan",
        "metricOverrides": {"client-errors": {"severity": 2.0, "threshold": 500.0}},
    },
    "PrivateNetwork": {"resourceGroupName": "rg", "location": "westeurope"},
    "SavedQueries": {"resourceGroupName": "rg", "workspaceName": "logs"},
    "SecretVault": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "tenantId": "tenant",
        "identityPrincipalId": "principal",
        "softDeleteDays": 7.0,
    },
    "SharedLimits": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "networkId": "network",
        "endpointSubnetId": "subnet",
    },
    "WebApp": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "workspaceId": "workspace",
        "sourceFolder": str(APP_SOURCE),
        "startCommand": "python serve.py",
        "healthText": "login-monitor",
        "appSettings": {"APP_NAME": "shop"},
        "secretSettings": {"SECRET_KEY": "k"},
        "buildSettings": {"PRE_BUILD_COMMAND": "true"},
        "instances": 1.0,
        "identityId": "identity",
        "vaultName": "vault",
        "appSubnetId": "subnet",
    },
    "ResponsePlaybook": {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "notifyUrl": "https://hooks.example.com/key",
        "mode": "block",
        "webAppId": "/subscriptions/s/site",
        "blockMinutes": 30.0,
        "blockSeverities": [0.0, 1.0],
        "neverBlock": ["198.51.100.0/24"],
    },
}
"""camelCase, every number a float: what the host hands over."""


@pytest.fixture(scope="module")
def provider() -> ComponentProvider:
    """The package, made in process."""
    return ComponentProvider(package.offered(), PACKAGE)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The package's schema."""
    return package.schema()


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
    assert list(inputs(schema))


def test_every_component_and_output_is_described(schema: dict[str, Any]) -> None:
    wrong = [
        f"{token}.{name}"
        for token, resource in schema["resources"].items()
        for name, spec in [("", resource), *resource["properties"].items()]
        if not spec.get("description", "").endswith(".")
    ]
    assert not wrong
    assert len(schema["resources"]) == len(components.__all__)


def test_the_same_input_has_the_same_text_everywhere(schema: dict[str, Any]) -> None:
    texts: dict[str, set[str]] = {}
    for name in components.__all__:
        for key, spec in component(schema, name)["inputProperties"].items():
            texts.setdefault(key, set()).add(spec["description"])
    several = {
        key: found
        for key, found in texts.items()
        if len(found) > 1
        # These say what of the component goes there.
        and key
        not in {
            *("resourceGroupName", "location", "workspaceId", "workspaceName", "sourceFolder"),
            "tags",
        }
    }
    assert not several
    assert "tags" in texts


def test_every_component_takes_tags(schema: dict[str, Any]) -> None:
    for name in components.__all__:
        tags = component(schema, name)["inputProperties"]["tags"]
        assert tags["type"] == "object"
        assert tags["additionalProperties"]["type"] == "string"
    assert components.__all__


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
    assert breaks({"type": "integer"})


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


class Outputs:
    """A component's example with `made` of every value that may be an Output; under an engine."""

    def __init__(self, schema: dict[str, Any], made: Callable[[Any], pulumi.Output[Any]]) -> None:
        self._schema = schema
        self._made = made

    def of(self, name: str) -> dict[str, Any]:
        properties = component(self._schema, name)["inputProperties"]
        return {key: self._value(value, properties[key]) for key, value in INPUTS[name].items()}

    def _value(self, value: Any, spec: dict[str, Any]) -> Any:
        """Also inside lists, maps and objects."""
        if not spec.get("plain") and "$ref" not in spec:
            return self._made(value)
        if isinstance(value, list):
            return [self._value(each, spec.get("items", spec)) for each in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in spec:
            inside = self._schema["types"][spec["$ref"].removeprefix("#/types/")]["properties"]
            return {key: self._value(each, inside[key]) for key, each in value.items()}
        item = spec.get("additionalProperties", {"plain": True})
        return {key: self._value(each, item) for key, each in value.items()}


def secrets_of(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return Outputs(schema, pulumi.Output.secret).of(name)


def unknown(_value: Any) -> pulumi.Output[Any]:
    """What a program has in a preview of a resource that is not there yet."""
    found: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
    found.set_result(UNKNOWN)
    is_known: asyncio.Future[bool] = asyncio.get_event_loop().create_future()
    is_known.set_result(False)
    return pulumi.Output(set(), found, is_known)


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_a_component_can_be_made_from_outputs(
    engine: Engine, provider: ComponentProvider, schema: dict[str, Any], name: str
) -> None:
    token = f"{PACKAGE}:index:{name}"
    engine.deploy(
        lambda: (
            provider.construct("made", token, Outputs(schema, pulumi.Output.secret).of(name), None)
            and None
        )
    )
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
def test_a_component_can_be_previewed_before_anything_is_known(
    engine: Engine, provider: ComponentProvider, schema: dict[str, Any], name: str
) -> None:
    token = f"{PACKAGE}:index:{name}"
    engine.deploy(
        lambda: provider.construct("made", token, Outputs(schema, unknown).of(name), None) and None
    )
    plain = Engine("dev")
    constructed(plain, provider, name, INPUTS[name])
    assert {each.name for each in engine.registered} == {each.name for each in plain.registered}
    values = [value for each in engine.registered for _, value in leaves(each.inputs, "")]
    assert UNKNOWN in values


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_what_is_given_as_a_secret_stays_one(
    engine: Engine, provider: ComponentProvider, schema: dict[str, Any], name: str
) -> None:
    token = f"{PACKAGE}:index:{name}"
    engine.deploy(
        lambda: (
            provider.construct("made", token, Outputs(schema, pulumi.Output.secret).of(name), None)
            and None
        )
    )
    properties = component(schema, name)["inputProperties"]
    given = {
        value
        for key, value in INPUTS[name].items()
        if isinstance(value, str) and not properties[key].get("plain")
    }
    shown = [
        f"{each.type} {each.name}: {path}"
        for each in engine.registered
        for path, value in leaves(each.inputs, "")
        if value in given and not any(path.startswith(secret) for secret in each.secrets)
    ]
    assert not shown, "shown in the state, although it was given as a secret:\n" + "\n".join(shown)
    assert given


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value that holds no other, with its path as the recorder writes it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for position, each in enumerate(value):
            yield from leaves(each, f"{path}[{position}]")
    else:
        yield path, value


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_an_input_that_nobody_knows_is_not_swallowed(schema: dict[str, Any], name: str) -> None:
    assert INPUTS[name].keys() <= component(schema, name)["inputProperties"].keys()
    assert set(component(schema, name)["requiredInputs"]) <= INPUTS[name].keys()


def test_every_component_has_an_example_here() -> None:
    missing = set(components.__all__) - INPUTS.keys()
    assert not missing, f"add {sorted(missing)} to INPUTS, with every required input"
    assert INPUTS.keys() <= set(components.__all__)
