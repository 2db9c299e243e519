"""Action groups: what Azure refuses, and what is known of a receiver."""

from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.monitor.notify.action_group import Receiver, ReceiverGroup
from tests.support.monitored_stack import an_action_group


def a_hook(name: str = "hook", uri: str = "https://hooks.example.com/s3cret") -> dict[str, Any]:
    return {"name": name, "serviceUri": uri, "useCommonAlertSchema": True}


def a_mail(name: str = "mail", address: str = "soc@example.com") -> dict[str, Any]:
    return {"name": name, "emailAddress": address, "useCommonAlertSchema": True}


def a_phone(country: str = "49", number: str = "15100000000") -> dict[str, Any]:
    return {"name": "phone", "countryCode": country, "phoneNumber": number}


def a_playbook(url: str = "https://logic.example.com/") -> dict[str, Any]:
    return {"name": "playbook", "resourceId": "/w", "callbackUrl": url}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"groupShortName": "a-name-too-long"}, ["groupShortName", "12 characters"]),
        ({"location": "westeurope"}, ["location", "'westeurope'", "global"]),
        (
            {"emailReceivers": [a_mail("Same")], "webhookReceivers": [a_hook("same")]},
            ["webhookReceivers[0].name", "'same'", "once"],
        ),
        ({"emailReceivers": [a_mail(address="nobody")]}, ["emailAddress", "'nobody'"]),
        ({"emailReceivers": [a_mail(address="a@b\r\nBcc: c@d")]}, ["emailAddress"]),
        ({"emailReceivers": [a_mail(address="a@b")]}, ["emailAddress"]),
        (
            {"emailReceivers": [a_mail(address=f"{'x' * 60}@example.com")]},
            ["emailAddress", "at most 64"],
        ),
        (
            {"webhookReceivers": [a_hook(f"h{n}") for n in range(11)]},
            ["webhookReceivers", "11", "at most 10"],
        ),
        ({"webhookReceivers": [a_hook(uri="ftp://s3cret")]}, ["serviceUri", "http or https"]),
        ({"webhookReceivers": [a_hook(uri="s3cret")]}, ["serviceUri", "http or https"]),
        ({"logicAppReceivers": [a_playbook("s3cret")]}, ["callbackUrl", "http or https"]),
        ({"smsReceivers": [a_phone("+49")]}, ["smsReceivers[0].countryCode", "'+49'"]),
        ({"smsReceivers": [a_phone(number="12-34")]}, ["smsReceivers[0].phoneNumber", "digits"]),
        (
            {"smsReceivers": [{**a_phone(), "name": f"p{n}"} for n in range(11)]},
            ["smsReceivers", "11", "at most 10"],
        ),
    ],
)
def test_what_azure_refuses_is_refused_and_no_url_is_shown(
    azure: Azure, group: Resource, changes: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(ResourceError) as caught:
        an_action_group(azure, group, **changes)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert "s3cret" not in message


def test_receivers_of_every_kind_are_known_by_name() -> None:
    voice = {"name": "voice", "countryCode": "49", "phoneNumber": "1"}
    group = ReceiverGroup.from_arm(
        {
            "enabled": True,
            "emailReceivers": [a_mail()],
            "webhookReceivers": [a_hook()],
            "logicAppReceivers": [a_playbook()],
            "smsReceivers": [a_phone()],
            "voiceReceivers": [voice],
            "groupShortName": "SocTeam",
        },
        "soc",
    )
    found = {receiver.name: (receiver.kind, receiver.shown) for receiver in group.receivers}
    assert found["mail"] == ("email", "soc@example.com")
    assert found["hook"] == ("webhook", "hooks.example.com")
    assert found["playbook"] == ("logicApp", "logic.example.com")
    assert found["phone"] == ("sms", "+4915100000000")
    assert found["voice"][0] == "other"
    assert group.short_name == "SocTeam"


def test_a_receivers_url_is_not_in_its_text() -> None:
    receiver = Receiver("hook", "webhook", "https://user:s3cret@hooks.example.com:8443/s3cret")
    assert "s3cret" not in repr(receiver)
    assert receiver.shown == "hooks.example.com:8443"
