"""Messages: really sent, retried in lab time, limited, and never beyond this machine."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import Series
from lab.azure.monitor.notify.action_group import Receiver, ReceiverGroup
from lab.azure.monitor.notify.common_alert_schema import payload
from lab.azure.monitor.notify.inbox import Inbox
from lab.azure.monitor.notify.notification import Notifications
from lab.azure.monitor.notify.processing_rule import Filter, ProcessingRule
from lab.clock.clock import Clock
from tests.support.alert_rules import T0, a_rule, at

GROUP = "/groups/soc"
OTHER = "/groups/other"
SECONDS = timedelta(seconds=1)


class Desk:
    """A clock, an inbox and the notifications of one action group."""

    def __init__(self, inbox: bool = True) -> None:
        self.clock = Clock(T0)
        self.inbox = Inbox(self.clock)
        self.receivers: list[Receiver] = []
        self.enabled = True
        self.rules: list[ProcessingRule] = []
        self.notifications = Notifications(
            self.clock, self.inbox if inbox else None, self.group_of, lambda: self.rules
        )

    def group_of(self, group_id: str) -> ReceiverGroup | None:
        known = ReceiverGroup("soc", self.enabled, tuple(self.receivers), "SocTeam")
        return known if group_id in (GROUP, OTHER) else None

    def webhook(self, url: str | None = None, name: str = "hook") -> None:
        self.receivers.append(Receiver(name, "webhook", url or self.inbox.webhook_url("alerts")))

    def mail(self, address: str = "soc@example.com") -> None:
        self.receivers.append(Receiver("mail", "email", address))

    def phone(self, number: str = "+4915100000000") -> None:
        self.receivers.append(Receiver("phone", "sms", number))

    def rule(self, **changes: Any) -> None:
        """An alert processing rule for everything."""
        sound: dict[str, Any] = {"name": "night", "enabled": True, "scopes": ("",)}
        self.rules.append(ProcessingRule(**(sound | changes)))

    def fire(self, value: float = 42.0, **rule: Any) -> Alert:
        now = self.clock.now
        sound = a_rule(**{"action_groups": (GROUP,), **rule})
        series = Series({"CIp": "192.0.2.1"}, value, True, now - 300 * SECONDS, now)
        alert = Alert.of(sound, series, now)
        self.notifications.send(alert, "Fired")
        return alert

    def run(self, minutes: float = 5) -> None:
        self.clock.run_until(self.clock.now + timedelta(minutes=minutes))

    def close(self) -> None:
        self.notifications.close()
        self.inbox.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


def arrivals(desk: Desk) -> list[datetime]:
    return [message.at for message in desk.inbox.messages]


def test_a_webhook_gets_the_common_alert_schema_at_the_time_of_the_alert(desk: Desk) -> None:
    desk.webhook()
    alert = desk.fire()
    assert [delivery.status for delivery in alert.deliveries] == ["pending"]
    desk.run()
    (message,) = desk.inbox.messages
    assert message.payload == payload(alert, "Fired")
    assert message.at == T0
    (delivery,) = alert.deliveries
    assert (delivery.kind, delivery.receiver, delivery.condition) == ("webhook", "hook", "Fired")
    assert (delivery.status, delivery.attempts, delivery.at) == ("delivered", 1, T0)


def test_a_mail_is_really_received_with_its_subject_and_both_bodies(desk: Desk) -> None:
    desk.mail()
    alert = desk.fire()
    desk.run()
    (message,) = desk.inbox.messages
    assert (message.kind, message.to) == ("email", "soc@example.com")
    assert message.subject == (
        "Fired:Sev2 Azure Monitor Alert many-requests on Law-Demo"
        " ( microsoft.operationalinsights/workspaces ) at 2026-01-05T08:00:00Z"
    )
    assert "CIp: 192.0.2.1" in message.body
    assert "Count 42 (GreaterThan 2)" in message.body
    assert [delivery.status for delivery in alert.deliveries] == ["delivered"]


def test_every_receiver_hears_of_the_firing_and_of_the_resolution(desk: Desk) -> None:
    desk.webhook()
    desk.mail()
    alert = desk.fire()
    desk.run(20)
    alert.resolved_at = desk.clock.now
    desk.notifications.send(alert, "Resolved")
    desk.run()
    assert [
        (m.kind, m.at, m.subject.partition(":")[0].split()[0]) for m in desk.inbox.messages
    ] == [
        ("webhook", at(0), "Fired"),
        ("email", at(0), "Fired"),
        ("webhook", at(20), "Resolved"),
        ("email", at(20), "Resolved"),
    ]
    conditions = [delivery.condition for delivery in alert.deliveries]
    assert conditions == ["Fired", "Fired", "Resolved", "Resolved"]


@pytest.mark.parametrize("status", [408, 429, 503, 504])
def test_a_busy_endpoint_is_tried_again_at_azures_intervals(desk: Desk, status: int) -> None:
    desk.webhook()
    desk.inbox.fail_webhooks(5, status)
    alert = desk.fire()
    desk.run()
    waited = (5 + 20 + 5 + 40 + 5) * SECONDS
    assert arrivals(desk) == [T0 + waited]
    (delivery,) = alert.deliveries
    assert (delivery.status, delivery.attempts, delivery.at) == ("delivered", 6, T0 + waited)


def test_each_retry_waits_its_own_time(desk: Desk) -> None:
    found = []
    for failures in range(6):
        desk.receivers.clear()
        desk.webhook()
        start = desk.clock.now
        desk.inbox.fail_webhooks(failures)
        desk.fire()
        desk.run()
        found.append((desk.inbox.messages[-1].at - start) // SECONDS)
    assert found == [0, 5, 25, 30, 70, 75]


def test_an_endpoint_that_fails_six_times_is_left_alone_for_15_minutes(desk: Desk) -> None:
    desk.webhook()
    desk.webhook(desk.inbox.webhook_url("other"), name="other")
    desk.inbox.fail_webhooks(12)
    first = desk.fire()
    desk.run(2)
    silent = desk.fire()
    desk.run(15)
    again = desk.fire()
    desk.run()
    assert [delivery.status for delivery in first.deliveries] == ["failed", "failed"]
    assert first.deliveries[0].detail == "HTTP 503"
    assert [delivery.status for delivery in silent.deliveries] == ["suppressed", "suppressed"]
    assert silent.deliveries[0].attempts == 0
    assert [delivery.status for delivery in again.deliveries] == ["delivered", "delivered"]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 500])
def test_other_answers_are_final(desk: Desk, status: int) -> None:
    desk.webhook()
    desk.inbox.fail_webhooks(1, status)
    alert = desk.fire()
    desk.run()
    (delivery,) = alert.deliveries
    assert (delivery.status, delivery.attempts) == ("failed", 1)
    assert delivery.detail == f"HTTP {status}"


def test_a_server_that_is_not_there_counts_as_busy(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    desk.webhook(f"http://127.0.0.1:{port}/hook?token=s3cret")
    alert = desk.fire()
    desk.run()
    (delivery,) = alert.deliveries
    assert (delivery.status, delivery.attempts) == ("failed", 6)
    assert "s3cret" not in f"{delivery} {desk.receivers}"


def test_a_server_that_never_answers_counts_as_busy(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.azure.monitor.notify.notification.TIMEOUT_S", 0.02)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        desk.webhook(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        alert = desk.fire()
        desk.run()
    (delivery,) = alert.deliveries
    assert (delivery.status, delivery.attempts, delivery.detail) == ("failed", 6, "ReadTimeout")


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/T0/s3cret?sig=s3cret",
        "https://user:s3cret@hooks.example.com/",
        "http://127.0.0.1.example.com/s3cret",
        "http://localhost.example.com/s3cret",
        "http://192.0.2.7/s3cret",
        "http://[2001:db8::1]/s3cret",
        "http://0.0.0.0:1/s3cret",
    ],
)
def test_another_host_is_never_contacted_the_inbox_answers_for_it(
    desk: Desk, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.create_connection

    def guarded(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        assert address[0] in ("127.0.0.1", "localhost", "::1"), f"contacted {address}"
        return real(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", guarded)
    desk.webhook(url, name="teams")
    alert = desk.fire()
    desk.run()
    (delivery,) = alert.deliveries
    assert delivery.status == "delivered"
    assert "the lab's inbox in place of" in delivery.detail
    (message,) = desk.inbox.messages
    assert message.to.endswith("/teams")
    assert "s3cret" not in f"{delivery} {message.to} {desk.receivers}"


def test_a_logic_app_gets_the_same_payload_as_a_webhook(desk: Desk) -> None:
    url = "https://prod.westeurope.logic.azure.com/workflows/1?sig=s3cret"
    desk.receivers.append(Receiver("playbook", "logicApp", url))
    alert = desk.fire()
    desk.run()
    assert desk.inbox.messages[0].payload == payload(alert, "Fired")
    assert alert.deliveries[0].kind == "logicApp"


def test_without_an_inbox_nothing_leaves_and_the_record_says_so() -> None:
    desk = Desk(inbox=False)
    desk.webhook("https://hooks.example.com/s3cret")
    desk.mail()
    alert = desk.fire()
    desk.run()
    desk.close()
    assert [delivery.status for delivery in alert.deliveries] == ["suppressed", "suppressed"]
    assert all(delivery.detail for delivery in alert.deliveries)


def test_a_mail_server_that_refuses_is_a_failed_delivery_with_its_words(desk: Desk) -> None:
    desk.mail()
    desk.inbox.refuse_mails(1)
    alert = desk.fire()
    desk.run()
    (delivery,) = alert.deliveries
    assert delivery.status == "failed"
    assert "451" in delivery.detail
    assert "\n" not in delivery.detail


def test_an_address_gets_at_most_100_mails_an_hour(desk: Desk) -> None:
    desk.mail("soc@example.com")
    alerts = [desk.fire() for _ in range(101)]
    desk.run()
    desk.receivers.clear()
    desk.mail("other@example.com")
    other = desk.fire()
    desk.run(60)
    desk.receivers.clear()
    desk.mail("SOC@example.com")
    later = desk.fire()
    desk.run()
    statuses = [alert.deliveries[0].status for alert in alerts]
    assert statuses == ["delivered"] * 100 + ["suppressed"]
    assert other.deliveries[0].status == "delivered", "the limit is each address's own"
    assert later.deliveries[0].status == "delivered", "the hour is over"


def test_a_subscription_makes_at_most_1500_calls_a_minute(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.azure.monitor.notify.notification.CALLS_PER_MINUTE", 3)
    desk.webhook()
    alerts = [desk.fire() for _ in range(5)]
    desk.run(1)
    late = desk.fire()
    desk.run()
    statuses = [alert.deliveries[0].status for alert in alerts]
    assert statuses == ["delivered"] * 3 + ["suppressed"] * 2
    assert late.deliveries[0].status == "delivered"


def test_a_muted_alert_and_a_disabled_group_send_nothing(desk: Desk) -> None:
    desk.webhook()
    muted = desk.fire()
    muted.muted = True
    muted.deliveries.clear()
    desk.run()
    received = len(desk.inbox.messages)
    desk.notifications.send(muted, "Fired")
    desk.enabled = False
    off = desk.fire()
    desk.run()
    assert len(desk.inbox.messages) == received
    assert (muted.deliveries, off.deliveries) == ([], [])


def test_a_text_message_has_the_groups_short_name_and_the_title_of_the_alert(desk: Desk) -> None:
    desk.phone()
    alert = desk.fire()
    desk.run()
    (message,) = desk.inbox.messages
    assert (message.kind, message.to, message.at) == ("sms", "+4915100000000", T0)
    assert message.body == "SocTeam: Fired:Sev2 many-requests"
    assert [(each.kind, each.status) for each in alert.deliveries] == [("sms", "delivered")]


def test_a_number_gets_at_most_one_text_message_in_five_minutes(desk: Desk) -> None:
    desk.phone()
    first, second = desk.fire(), desk.fire()
    desk.run(5)
    third = desk.fire()
    desk.run(1)
    statuses = [each.deliveries[0].status for each in (first, second, third)]
    assert statuses == ["delivered", "suppressed", "delivered"]
    assert "5 minutes" in second.deliveries[0].detail


def test_a_long_title_is_cut_to_one_message(desk: Desk) -> None:
    desk.phone()
    desk.fire(name="x" * 200)
    desk.run()
    assert len(desk.inbox.messages[0].body) == 160


def test_a_suppressed_alert_reaches_nobody_and_its_record_names_the_rule(desk: Desk) -> None:
    desk.webhook()
    desk.mail()
    desk.rule(removes=True)
    alert = desk.fire()
    desk.run()
    assert not desk.inbox.messages
    (record,) = alert.deliveries
    assert (record.kind, record.receiver, record.status) == ("actionGroup", "soc", "suppressed")
    assert record.detail == "removed by alert processing rule night"


def test_a_rule_for_other_severities_changes_nothing(desk: Desk) -> None:
    desk.mail()
    desk.rule(removes=True, filters=(Filter("Severity", "Equals", ("Sev3", "Sev4")),))
    alert = desk.fire()
    desk.run()
    assert [each.status for each in alert.deliveries] == ["delivered"]


def test_a_rule_adds_groups_once_and_suppression_beats_adding(desk: Desk) -> None:
    desk.mail()
    desk.rule(name="more", adds=(OTHER, GROUP.upper(), "/groups/gone"))
    added = desk.fire()
    bare = desk.fire(action_groups=())
    desk.rule(removes=True)
    silent = desk.fire()
    desk.run()
    assert sorted(each.status for each in added.deliveries) == ["delivered", "delivered", "failed"]
    assert [each.receiver for each in bare.deliveries if each.status == "failed"] == ["SOC", "gone"]
    assert {each.status for each in silent.deliveries} == {"suppressed"}


def test_a_group_that_is_gone_and_a_receiver_that_is_not_modelled_are_named(desk: Desk) -> None:
    desk.receivers.append(Receiver("phone", "other", "voiceReceivers"))
    alert = desk.fire(action_groups=(GROUP, "/groups/gone"))
    desk.run()
    voice, gone = alert.deliveries
    assert (voice.status, voice.receiver) == ("suppressed", "phone")
    assert "voiceReceivers are not modelled" in voice.detail
    assert (gone.status, gone.receiver) == ("failed", "gone")
