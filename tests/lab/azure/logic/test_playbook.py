"""The playbook's own definitions, run: what the channel hears, whom the app shuts out."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.playbooks import READER, Playbooks, an_alert

Make = Callable[..., Playbooks]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes the one Azure of a test."""
    made: list[Playbooks] = []

    def one(**choices: Any) -> Playbooks:
        made.append(Playbooks(tmp_path / "azure", **choices))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def blocking(make: Make) -> Playbooks:
    """In mode block, with everything it needs."""
    made = make(mode="block")
    made.allow(made.workflow)
    return made


def card(playbooks: Playbooks) -> dict[str, Any]:
    message = playbooks.inbox.messages[-1]
    assert message.payload is not None
    found: dict[str, Any] = message.payload["attachments"][0]["content"]
    return found


def outcome(playbooks: Playbooks) -> str:
    (line,) = [
        each["text"]
        for each in card(playbooks)["body"]
        if each.get("text", "").startswith("Action")
    ]
    return str(line).removeprefix("Action: ")


def test_by_default_the_channel_hears_what_would_be_done_and_nothing_is(make: Make) -> None:
    playbooks = make()
    run = playbooks.answer(an_alert())
    assert run.status == "Succeeded"
    assert outcome(playbooks) == "simulation: would block 203.0.113.7 for 60 minutes"
    assert not playbooks.blocked


def test_a_card_names_severity_rule_address_runbook_and_portal(make: Make) -> None:
    playbooks = make()
    playbooks.answer(an_alert())
    found = card(playbooks)
    texts = [each.get("text") for each in found["body"]]
    assert texts[0] == "Fired: Sev1 Password spray"
    assert "Runbook: Ask the users" in texts
    (facts,) = [each["facts"] for each in found["body"] if each["type"] == "FactSet"]
    assert facts == [{"title": "SrcIpAddr", "value": "203.0.113.7"}]
    assert found["actions"][0]["url"] == "https://portal.azure.com/#alert"


def test_slack_gets_one_text(make: Make) -> None:
    playbooks = make(message_format="slack")
    playbooks.answer(an_alert())
    (message,) = playbooks.inbox.messages
    assert message.payload is not None
    assert message.payload["text"].splitlines() == [
        "*Fired: Sev1 Password spray*",
        "One address tries many accounts",
        "SrcIpAddr: 203.0.113.7",
        "Action: simulation: would block 203.0.113.7 for 60 minutes",
        "Runbook: Ask the users",
        "<https://portal.azure.com/#alert|Open in Azure>",
    ]


@pytest.mark.parametrize("message_format", ["teams", "slack"])
def test_a_name_that_an_attacker_chose_becomes_no_link(make: Make, message_format: str) -> None:
    playbooks = make(message_format=message_format)
    alert = an_alert("")
    names = ["[reset](https://evil.example)", "<https://evil.example|reset>"]
    dimensions = [{"name": "TargetUsername", "value": each} for each in names]
    alert["data"]["alertContext"]["condition"]["allOf"][0]["dimensions"] = dimensions
    playbooks.answer(alert)
    text = playbooks.inbox.messages[-1].body
    assert ("[reset]" if message_format == "teams" else "<https://evil") not in text


@pytest.mark.parametrize(
    "alert",
    [
        an_alert(monitorCondition="Resolved"),
        an_alert(severity="Sev3"),
        an_alert(""),
        an_alert("2001:db8::7"),
        an_alert("203.0.113"),
        an_alert("203.0.113.x"),
        {
            "schemaId": "azureMonitorCommonAlertSchema",
            "data": {"essentials": an_alert()["data"]["essentials"], "alertContext": {}},
        },
    ],
)
def test_without_a_fired_severe_alert_from_a_v4_address_it_only_tells(
    blocking: Playbooks, alert: dict[str, Any]
) -> None:
    assert blocking.answer(alert).status == "Succeeded"
    assert outcome(blocking) == "told"
    assert not blocking.blocked


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "127.0.0.1", "192.168.0.9", "169.254.169.254", "168.63.129.16"]
)
def test_a_private_address_is_never_blocked(blocking: Playbooks, address: str) -> None:
    blocking.answer(an_alert(address))
    assert outcome(blocking) == f"not blocked: {address} is private or spared"
    assert not blocking.blocked


def test_a_spared_network_is_never_blocked_and_its_neighbour_is(make: Make) -> None:
    playbooks = make(mode="block", never_block=("203.0.113.128/25", "2001:db8::/32"))
    playbooks.allow(playbooks.workflow)
    playbooks.answer(an_alert("203.0.113.128"))
    assert "spared" in outcome(playbooks)
    playbooks.answer(an_alert("203.0.113.127"))
    assert playbooks.blocked == ["203.0.113.127/32"]


def test_a_block_is_a_deny_rule_that_carries_its_expiry_in_its_name(blocking: Playbooks) -> None:
    run = blocking.answer(an_alert())
    assert run.status == "Succeeded"
    assert outcome(blocking) == "blocked 203.0.113.7 for 60 minutes"
    assert blocking.config["ipSecurityRestrictionsDefaultAction"] == "Allow"
    (rule,) = blocking.config["ipSecurityRestrictions"]
    assert rule == {
        "name": "login-block-20260105T090000Z",
        "description": "Blocked for the alert Password spray",
        "ipAddress": "203.0.113.7/32",
        "action": "Deny",
        "tag": "Default",
        "priority": 100,
    }
    assert len(rule["name"]) <= 32


def test_another_alert_about_the_same_address_prolongs_its_block(blocking: Playbooks) -> None:
    blocking.answer(an_alert())
    blocking.wait(10)
    blocking.answer(an_alert())
    blocking.answer(an_alert("198.51.100.9"))
    names = [each["name"] for each in blocking.config["ipSecurityRestrictions"]]
    assert blocking.blocked == ["203.0.113.7/32", "198.51.100.9/32"]
    assert names == ["login-block-20260105T091000Z"] * 2


def test_an_ended_block_is_taken_back_and_others_rules_stay(blocking: Playbooks) -> None:
    own = {"name": "office", "ipAddress": "198.51.100.0/24", "action": "Deny", "priority": 50}
    blocking.config["ipSecurityRestrictions"] = [own]
    blocking.config["ipSecurityRestrictionsDefaultAction"] = "Allow"
    blocking.expiring()
    blocking.answer(an_alert())
    blocking.wait(59)
    assert blocking.blocked == ["198.51.100.0/24", "203.0.113.7/32"]
    blocking.wait(16)
    assert blocking.config["ipSecurityRestrictions"] == [own]
    assert blocking.config["ipSecurityRestrictionsDefaultAction"] == "Allow"
    assert all(run.status == "Succeeded" for run in blocking.runs[1:])


@pytest.mark.parametrize(
    "config",
    [
        {"ipSecurityRestrictionsDefaultAction": "Deny"},
        {
            "ipSecurityRestrictions": [
                {"name": "vpn", "ipAddress": "198.51.100.0/24", "action": "Allow", "priority": 1}
            ]
        },
    ],
)
def test_an_app_with_an_allow_list_is_left_alone(
    blocking: Playbooks, config: dict[str, Any]
) -> None:
    """Setting the default action to Allow would open it to everybody."""
    before = json.dumps(config)
    blocking.site.outputs["siteConfig"] = config
    blocking.answer(an_alert())
    assert "allow list" in outcome(blocking)
    assert json.dumps(blocking.config) == before


def test_the_rule_that_stands_for_the_unmatched_rest_is_not_taken_for_somebodys(
    blocking: Playbooks,
) -> None:
    rest = {"name": "Allow all", "ipAddress": "Any", "action": "Allow", "priority": 2147483647}
    blocking.config["ipSecurityRestrictions"] = [rest]
    blocking.answer(an_alert())
    assert blocking.blocked == ["203.0.113.7/32"]


def test_no_more_than_a_hundred_addresses_are_blocked_at_a_time(blocking: Playbooks) -> None:
    full = [
        {
            "name": "login-block-20260105T083000Z",
            "ipAddress": f"198.51.100.{number}/32",
            "action": "Deny",
            "priority": 100,
        }
        for number in range(100)
    ]
    blocking.config["ipSecurityRestrictions"] = full
    blocking.config["ipSecurityRestrictionsDefaultAction"] = "Allow"
    blocking.answer(an_alert())
    assert "100 blocks already" in outcome(blocking)
    assert len(blocking.blocked) == 100
    blocking.wait(31)
    blocking.answer(an_alert())
    assert blocking.blocked == ["203.0.113.7/32"], "ended blocks make room at once"


@pytest.mark.parametrize("role", [None, READER])
def test_without_a_role_for_the_app_nothing_is_blocked_and_the_channel_hears_so(
    make: Make, role: str | None
) -> None:
    playbooks = make(mode="block")
    if role is not None:
        playbooks.allow(playbooks.workflow, role)
    run = playbooks.answer(an_alert())
    assert outcome(playbooks) == "not blocked: blocking 203.0.113.7 failed, see the run"
    assert run.actions["Read_restrictions"].detail == "HTTP 403"
    assert run.actions["Write_restrictions"].status == "Skipped"
    assert run.actions["Tell"].status == "Succeeded"
    assert not playbooks.blocked


def test_a_channel_that_does_not_answer_is_a_failed_run_without_its_url(
    blocking: Playbooks,
) -> None:
    blocking.inbox.fail_webhooks(1, 404)
    run = blocking.answer(an_alert())
    assert (run.status, run.actions["Tell"].detail) == ("Failed", "HTTP 404")
    assert blocking.blocked == ["203.0.113.7/32"]
    assert "s3cret" not in f"{run}"
