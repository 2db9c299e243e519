"""AlertRouting: what Azure gets for it, seen from outside."""

from typing import Any, cast

import pulumi

from components import AlertRouting
from components.alert_routing import AlertRoutingArgs
from tests.conftest import Engine

GROUP = "azure-native:monitor:ActionGroup"
URL = "https://hooks.example.com/key"


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


def test_without_a_url_there_is_no_webhook(engine: Engine) -> None:
    assert all("webhookReceivers" not in each.inputs for each in engine.deploy(routing).all(GROUP))


def test_the_webhooks_url_is_a_secret_even_when_it_was_not_given_as_one(engine: Engine) -> None:
    engine.deploy(lambda: routing(webhook_url=URL))
    assert all("webhookReceivers[0].serviceUri" in each.secrets for each in engine.all(GROUP))


def test_tags_reach_the_groups(engine: Engine) -> None:
    engine.deploy(lambda: routing(tags={"team": "soc"}))
    assert all(each["tags"] == {"team": "soc"} for each in engine.all(GROUP))


def test_routing_to_nobody_is_refused(engine: Engine) -> None:
    refusals: list[pulumi.InputPropertyError] = []

    def program() -> None:
        try:
            routing(alert_emails=[])
        except pulumi.InputPropertyError as error:
            refusals.append(error)

    assert not engine.deploy(program).all(GROUP)
    assert refusals[0].property_path == "alert_emails"
