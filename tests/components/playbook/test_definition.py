"""The playbook's definitions as documents; tests/lab/azure/logic runs them."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

import pytest

from components.playbook.block import expire
from components.playbook.definition import PlaybookChoices, protected_ranges, respond

DEFINITIONS = {
    "teams": respond(PlaybookChoices()),
    "slack": respond(PlaybookChoices(message_format="slack")),
    "block": respond(PlaybookChoices(mode="block")),
    "expire": expire(),
}
# "Workflow Definition Language schema reference": action types of workflows, without connectors.
TYPES = {"Compose", "Http", "If", "InitializeVariable", "Query", "Select", "SetVariable"}


def scopes(actions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each level of actions: runAfter reaches no further."""
    yield actions
    for action in actions.values():
        yield from scopes(action.get("actions", {}))
        yield from scopes(action.get("else", {}).get("actions", {}))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_it_is_json_of_the_schema_of_2016(name: str) -> None:
    definition = DEFINITIONS[name]
    assert json.loads(json.dumps(definition)) == definition
    assert definition["$schema"].endswith("/2016-06-01/workflowdefinition.json#")
    assert definition["contentVersion"] == "1.0.0.0"
    assert set(definition) <= {
        "$schema",
        "contentVersion",
        "parameters",
        "triggers",
        "actions",
        "outputs",
    }
    assert len(definition["triggers"]) == 1


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_action_has_a_known_type_and_waits_for_its_neighbours_only(name: str) -> None:
    assert DEFINITIONS[name]["actions"]
    for actions in scopes(DEFINITIONS[name]["actions"]):
        first = [each for each, action in actions.items() if not action.get("runAfter")]
        assert len(first) == (1 if actions else 0), "one after the other, so that order is plain"
        for action in actions.values():
            assert action["type"] in TYPES
            assert action["runAfter"].keys() <= actions.keys()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_action_names_are_unique_over_all_levels(name: str) -> None:
    names = [each for actions in scopes(DEFINITIONS[name]["actions"]) for each in actions]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"\w{1,80}", each) for each in names)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_whatever_is_referred_to_exists(name: str) -> None:
    definition = DEFINITIONS[name]
    text = json.dumps(definition)
    names = {each for actions in scopes(definition["actions"]) for each in actions}
    assert set(re.findall(r"(?:outputs|body)\('(\w+)'\)", text)) <= names
    assert set(re.findall(r"parameters\('(\w+)'\)", text)) == definition["parameters"].keys()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_runs_do_not_overlap(name: str) -> None:
    (trigger,) = DEFINITIONS[name]["triggers"].values()
    assert trigger["runtimeConfiguration"]["concurrency"]["runs"] == 1


def test_the_channels_url_is_kept_out_of_the_run_history() -> None:
    for name in ("teams", "slack", "block"):
        definition = DEFINITIONS[name]
        assert definition["parameters"]["notifyUrl"] == {"type": "securestring"}
        secure = definition["actions"]["Tell"]["runtimeConfiguration"]["secureData"]
        assert secure == {"properties": ["inputs"]}


def test_the_message_goes_out_even_if_blocking_fails() -> None:
    after = DEFINITIONS["block"]["actions"]["Tell"]["runAfter"]["Is_to_be_considered"]
    assert set(after) == {"Succeeded", "Failed", "TimedOut", "Skipped"}


def test_only_the_managed_identity_speaks_to_the_resource_manager() -> None:
    for name in ("block", "expire"):
        calls = [
            action["inputs"]
            for actions in scopes(DEFINITIONS[name]["actions"])
            for action in actions.values()
            if action["type"] == "Http" and "management.azure.com" in action["inputs"]["uri"]
        ]
        assert [each["method"] for each in calls] == ["GET", "PATCH"]
        assert {each["authentication"]["type"] for each in calls} == {"ManagedServiceIdentity"}
        assert all(each["uri"].endswith("/config/web") for each in calls)


def test_simulation_contains_no_call_that_could_change_anything() -> None:
    for name in ("teams", "slack"):
        text = json.dumps(DEFINITIONS[name])
        assert "PATCH" not in text
        assert "webAppId" not in text


@pytest.mark.parametrize(
    ("address", "protected"),
    [
        ("10.0.0.1", True),
        ("127.0.0.1", True),
        ("169.254.169.254", True),
        ("172.31.255.255", True),
        ("172.32.0.0", False),
        ("192.168.1.1", True),
        ("100.64.0.1", True),
        ("168.63.129.16", True),
        ("224.0.0.1", True),
        ("255.255.255.255", True),
        ("198.51.100.7", False),
        ("8.8.8.8", False),
        ("203.0.113.200", True),
        ("203.0.113.100", False),
    ],
)
def test_what_is_private_or_spared_is_protected(address: str, protected: bool) -> None:
    ranges = protected_ranges(["203.0.113.128/25", "2001:db8::/32"])
    number = int(ip_address(address))
    assert any(each["first"] <= number <= each["last"] for each in ranges) is protected
