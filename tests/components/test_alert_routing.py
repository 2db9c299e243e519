"""AlertRouting: what Azure gets for it, seen from outside."""

from typing import Any, cast

import pulumi
import pytest

from components import AlertRouting
from components.alert_routing import AlertRoutingArgs
from tests.conftest import Engine

GROUP = "azure-native:monitor:ActionGroup"
RULE = "azure-native:alertsmanagement:AlertProcessingRuleByName"
URL = "https://hooks.example.com/key"
PHONE = {"country_code": "49", "number": "15100000000"}
PLAYBOOK = {"name": "playbook", "workflow_id": "/workflow", "callback_url": f"{URL}?sig=x"}
NIGHT = {"name": "night", "repeats": "daily", "start_time": "22:00", "end_time": "06:00"}


def routing(**changes: Any) -> AlertRouting:
    args = {"resource_group_name": "rg", "alert_emails": ["soc@example.com"]} | changes
    return AlertRouting("alerts", cast(AlertRoutingArgs, args))


def test_urgent_and_routine_alerts_have_their_own_group(engine: Engine) -> None:
    groups = engine.deploy(routing).all(GROUP)
    assert [each.name for each in groups] == ["alerts-urgent", "alerts-routine"]
    assert [each["groupShortName"] for each in groups] == ["LoginUrgent", "LoginRoutine"]
    assert all(len(each["groupShortName"]) <= 12 for each in groups)
    assert all(each.parent == "alerts" for each in groups)


def test_groups_are_global_and_enabled(engine: Engine) -> None:
    for each in engine.deploy(routing).all(GROUP):
        assert each["location"] == "global", "the provider would fill in the group's region"
        assert each["enabled"] is True
    assert len(engine.all(GROUP)) == 2


def test_every_receiver_gets_the_common_alert_schema_under_a_name_of_its_own(
    engine: Engine,
) -> None:
    addresses = ["soc@example.com", "oncall@example.com"]
    engine.deploy(lambda: routing(alert_emails=addresses, webhook_url=URL))
    for each in engine.all(GROUP):
        receivers = each["emailReceivers"] + each["webhookReceivers"]
        assert [one["emailAddress"] for one in each["emailReceivers"]] == addresses
        assert [one["serviceUri"] for one in each["webhookReceivers"]] == [URL]
        assert all(one["useCommonAlertSchema"] is True for one in receivers)
        assert len({one["name"].lower() for one in receivers}) == 3
    assert len(engine.all(GROUP)) == 2


def test_without_a_url_there_is_no_webhook(engine: Engine) -> None:
    assert all("webhookReceivers" not in each.inputs for each in engine.deploy(routing).all(GROUP))


def test_the_webhooks_url_is_a_secret_even_when_it_was_not_given_as_one(engine: Engine) -> None:
    engine.deploy(lambda: routing(webhook_url=URL))
    assert all("webhookReceivers[0].serviceUri" in each.secrets for each in engine.all(GROUP))


def test_tags_reach_the_groups(engine: Engine) -> None:
    engine.deploy(lambda: routing(tags={"team": "soc"}))
    assert all(each["tags"] == {"team": "soc"} for each in engine.all(GROUP))


def test_text_messages_are_for_urgent_alerts_unless_asked_for(engine: Engine) -> None:
    engine.deploy(lambda: routing(sms_numbers=[PHONE]))
    urgent, routine = engine.all(GROUP)
    assert urgent["smsReceivers"] == [
        {"name": "sms-1", "countryCode": "49", "phoneNumber": "15100000000"}
    ]
    assert "smsReceivers" not in routine.inputs
    both = Engine("dev").deploy(lambda: routing(sms_numbers=[PHONE], routine_sms=True)).all(GROUP)
    assert all("smsReceivers" in each.inputs for each in both)


def test_addresses_for_urgent_alerts_get_no_routine_ones(engine: Engine) -> None:
    engine.deploy(lambda: routing(urgent_emails=["oncall@example.com"]))
    urgent, routine = engine.all(GROUP)
    assert [each["emailAddress"] for each in urgent["emailReceivers"]] == [
        "soc@example.com",
        "oncall@example.com",
    ]
    assert [each["emailAddress"] for each in routine["emailReceivers"]] == ["soc@example.com"]


def test_a_logic_app_is_started_with_every_alert_by_a_secret_url(engine: Engine) -> None:
    engine.deploy(lambda: routing(logic_apps=[PLAYBOOK]))
    for each in engine.all(GROUP):
        assert each["logicAppReceivers"] == [
            {
                "name": "playbook",
                "resourceId": "/workflow",
                "callbackUrl": PLAYBOOK["callback_url"],
                "useCommonAlertSchema": True,
            }
        ]
        assert "logicAppReceivers[0].callbackUrl" in each.secrets
    assert len(engine.all(GROUP)) == 2


def test_a_suppression_window_is_a_global_rule_over_the_resource_group(engine: Engine) -> None:
    engine.deploy(
        lambda: routing(
            suppression_windows=[NIGHT], resource_group_id="/group", tags={"team": "soc"}
        )
    )
    rule = engine.one(RULE)
    assert (rule.name, rule.parent) == ("alerts-window-night", "alerts")
    assert rule["location"] == "global", "the provider would fill in the group's region"
    assert rule["tags"] == {"team": "soc"}
    assert rule["properties"]["scopes"] == ["/group"]
    assert rule["properties"]["actions"] == [{"actionType": "RemoveAllActionGroups"}]
    (recurrence,) = rule["properties"]["schedule"]["recurrences"]
    assert recurrence == {
        "recurrenceType": "Daily",
        "startTime": "22:00:00",
        "endTime": "06:00:00",
    }


def test_without_windows_there_is_no_rule(engine: Engine) -> None:
    assert not engine.deploy(routing).all(RULE)
    assert engine.all(GROUP)


def refusal(engine: Engine, **changes: Any) -> pulumi.InputPropertyError:
    refusals: list[pulumi.InputPropertyError] = []

    def program() -> None:
        try:
            routing(**changes)
        except pulumi.InputPropertyError as error:
            refusals.append(error)

    assert not engine.deploy(program).all(GROUP)
    return refusals[0]


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"alert_emails": []}, "alert_emails", "an address or more"),
        ({"alert_emails": ["nobody"]}, "alert_emails[0]", "'nobody' is no e-mail address"),
        ({"alert_emails": ["a@b.c\nBcc: d@e.f"]}, "alert_emails[0]", "no e-mail address"),
        (
            {"urgent_emails": ["oncall@example.com", f"{'x' * 60}@example.com"]},
            "urgent_emails[1]",
            "72 characters; expected at most 64",
        ),
        ({"alert_emails": ["a@b.c"] * 1001}, "alert_emails", "expected at most 1000"),
        ({"sms_numbers": [PHONE] * 11}, "sms_numbers", "expected at most 10"),
        (
            {"sms_numbers": [{**PHONE, "country_code": "+49"}]},
            "sms_numbers[0].countryCode",
            "without +",
        ),
        (
            {"sms_numbers": [PHONE, {**PHONE, "number": "0151-1234"}]},
            "sms_numbers[1].number",
            "'0151-1234' is no telephone number",
        ),
        (
            {"sms_numbers": [{"country_code": "49", "number": "1" * 14}]},
            "sms_numbers[0].number",
            "telephone number",
        ),
        ({"logic_apps": [PLAYBOOK] * 11}, "logic_apps", "expected at most 10"),
        ({"logic_apps": [{**PLAYBOOK, "name": "MAIL-1"}]}, "logic_apps[0].name", "is taken"),
        ({"logic_apps": [{**PLAYBOOK, "name": " "}]}, "logic_apps[0].name", "is empty"),
        (
            {"suppression_windows": [{**NIGHT, "time_zone": "Europe/Berlin"}]},
            "suppression_windows",
            "timeZone Europe/Berlin is an IANA name",
        ),
        ({"suppression_windows": [NIGHT]}, "resource_group_id", "is missing"),
    ],
)
def test_routing_that_cannot_work_is_refused_before_anything_is_made(
    engine: Engine, changes: dict[str, Any], path: str, words: str
) -> None:
    error = refusal(engine, **changes)
    assert error.property_path == path
    assert words in error.reason


def test_an_address_that_is_not_known_yet_is_let_through(engine: Engine) -> None:
    engine.deploy(lambda: routing(alert_emails=[pulumi.Output.from_input("soc@example.com")]))
    assert len(engine.all(GROUP)) == 2
