"""Workflows: what is refused, who may start them, and how they are reached by alerts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from lab.azure.core.resource_error import ResourceError
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import Series
from lab.azure.monitor.log_search.evaluator import Evaluator
from tests.support.alert_rules import a_rule
from tests.support.monitored_stack import an_action_group
from tests.support.playbooks import CALLBACK, WORKFLOW, Playbooks, an_alert

SCHEMA = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/"
    "workflowdefinition.json#"
)


@pytest.fixture
def playbooks(tmp_path: Path) -> Iterator[Playbooks]:
    made = Playbooks(tmp_path / "azure")
    yield made
    made.close()


def a_definition(**changes: Any) -> dict[str, Any]:
    sound = {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {}}},
        "actions": {},
    }
    return {**sound, **changes}


def an_action(kind: str = "Compose", **changes: Any) -> dict[str, Any]:
    return {"type": kind, "runAfter": {}, "inputs": "x", **changes}


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        (a_definition(**{"$schema": "…/2015-08-01-preview/…"}), ["$schema", "2016-06-01"]),
        (a_definition(triggers={}), ["definition.triggers", "is missing"]),
        (a_definition(triggers={"t": {"type": "Batch"}}), ["triggers.t.type", "'Batch'"]),
        (
            a_definition(
                triggers={
                    "t": {"type": "Recurrence", "recurrence": {"frequency": "Moon", "interval": 0}}
                }
            ),
            ["recurrence.frequency", "'Moon'", "recurrence.interval"],
        ),
        (a_definition(actions={"A": an_action("Until")}), ["actions.A.type", "'Until'"]),
        (
            a_definition(actions={"A": an_action(runAfter={"B": ["Succeeded"]})}),
            ["actions.A.runAfter", "'B'"],
        ),
        (
            a_definition(
                actions={"If": an_action("If", actions={"A": an_action(runAfter={"If": []})})}
            ),
            ["actions.If.actions.A.runAfter"],
        ),
        (a_definition(actions={"A": an_action(inputs="@guid()")}), ["function guid"]),
        (a_definition(actions={"A": an_action(inputs="@concat('a'")}), ["cannot be read"]),
        (
            a_definition(parameters={"key": {"type": "securestring"}}),
            ["parameters.key", "is missing"],
        ),
    ],
)
def test_a_definition_that_cannot_work_is_refused(
    playbooks: Playbooks, definition: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ResourceError) as caught:
        playbooks.a_workflow("broken", definition, {})
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_parameter_that_nobody_declares_is_refused(playbooks: Playbooks) -> None:
    with pytest.raises(ResourceError, match="parameters.key is unknown"):
        playbooks.a_workflow("broken", a_definition(), {"key": {"value": "x"}})


def test_only_the_signature_starts_it(playbooks: Playbooks) -> None:
    sound = playbooks.url
    for url in (sound.replace("sig=", "sig=x"), sound.partition("&sig")[0]):
        assert requests.post(url, json=an_alert(), timeout=10).status_code == 401
    assert not playbooks.runs
    assert playbooks.post(an_alert()) == 202


@pytest.mark.parametrize("body", [{}, {"schemaId": "x", "data": {}}, [], "text"])
def test_what_is_no_alert_is_refused(playbooks: Playbooks, body: object) -> None:
    assert playbooks.post(body) == 400
    assert not playbooks.runs


def test_the_url_stays_the_same_until_the_workflow_is_gone(playbooks: Playbooks) -> None:
    url = playbooks.url
    assert playbooks.url == url
    playbooks.azure.resources.update(
        playbooks.workflow.id, {**playbooks.workflow.inputs, "tags": {"team": "soc"}}
    )
    assert playbooks.url == url
    playbooks.azure.resources.delete(playbooks.workflow.id)
    assert requests.post(url, json=an_alert(), timeout=10).status_code == 404


def test_the_url_is_not_known_before_the_workflow_is_there(playbooks: Playbooks) -> None:
    arguments = {
        "resourceGroupName": playbooks.group.name,
        "workflowName": "later",
        "triggerName": "manual",
    }
    with pytest.raises(ResourceError, match="later"):
        playbooks.azure.resources.invoke(CALLBACK, arguments)


def test_a_workflow_that_is_switched_off_does_nothing(playbooks: Playbooks) -> None:
    changed = {**playbooks.workflow.inputs, "state": "Disabled"}
    playbooks.azure.resources.update(playbooks.workflow.id, changed)
    assert playbooks.post(an_alert()) == 404
    assert not playbooks.runs


def test_numbers_that_came_as_floats_are_whole_again(playbooks: Playbooks) -> None:
    given = a_definition(actions={"A": an_action(inputs={"minutes": 60.0, "share": 0.5})})
    made = playbooks.a_workflow("numbers", given, {})
    inputs = made.inputs["definition"]["actions"]["A"]["inputs"]
    assert repr(inputs) == "{'minutes': 60, 'share': 0.5}"


def test_an_alert_starts_it_through_its_action_group(playbooks: Playbooks) -> None:
    receiver = {
        "name": "playbook",
        "resourceId": playbooks.workflow.id,
        "callbackUrl": playbooks.url,
        "useCommonAlertSchema": True,
    }
    group = an_action_group(playbooks.azure, playbooks.group, logicAppReceivers=[receiver])
    now = playbooks.clock.now
    rule = a_rule(action_groups=(group.id,), severity=1)
    alert = Alert.of(rule, Series({"SrcIpAddr": "203.0.113.7"}, 3.0, True, now, now), now)
    playbooks.azure.service(Evaluator).emit(alert, "Fired")
    playbooks.wait(1)
    (delivery,) = alert.deliveries
    assert (delivery.kind, delivery.status) == ("logicApp", "delivered")
    assert [run.status for run in playbooks.runs] == ["Succeeded"]
    (message,) = playbooks.inbox.messages
    assert "would block 203.0.113.7" in message.body


def test_a_recurrence_runs_at_once_and_then_at_its_interval(playbooks: Playbooks) -> None:
    every = {"type": "Recurrence", "recurrence": {"frequency": "Minute", "interval": 15.0}}
    made = playbooks.a_workflow("clockwork", a_definition(triggers={"every": every}), {})
    playbooks.wait(31)
    assert [run.at.minute for run in playbooks.runs] == [0, 15, 30]
    playbooks.azure.resources.delete(made.id)
    playbooks.wait(31)
    assert len(playbooks.runs) == 3


def test_another_host_is_answered_by_the_inbox(playbooks: Playbooks) -> None:
    url = "https://hooks.example.com/s3cret"
    values = {"notifyUrl": {"value": url}}
    given = {**playbooks.workflow.inputs, "parameters": values}
    playbooks.azure.resources.update(playbooks.workflow.id, given)
    assert playbooks.answer(an_alert()).status == "Succeeded"
    assert playbooks.inbox.messages[0].to == "/hooks.example.com/answer"


def test_its_type_is_modelled(playbooks: Playbooks) -> None:
    assert WORKFLOW not in {each.token for each in playbooks.azure.resources.unmodelled}
    assert WORKFLOW in playbooks.azure.resources.types.modelled
