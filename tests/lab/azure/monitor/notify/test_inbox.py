"""The inbox: a web address and a mail server of the lab's own."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
import requests

from lab.azure.monitor.notify.inbox import MAX_BYTES, Inbox
from lab.clock.clock import Clock

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def inbox(clock: Clock) -> Iterator[Inbox]:
    with Inbox(clock) as made:
        yield made


def a_mail(*to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "alerts@example.com", ", ".join(to), "Fired: Ä"
    mail.set_content("Grüße\n")
    mail.add_alternative("<p>Grüße</p>", subtype="html")
    return mail


def send(inbox: Inbox, mail: EmailMessage) -> None:
    with smtplib.SMTP(*inbox.mail_server, local_hostname="localhost", timeout=10) as server:
        server.send_message(mail)


def test_a_webhook_is_kept_with_its_path_payload_and_lab_time(inbox: Inbox, clock: Clock) -> None:
    clock.run_until(datetime(2026, 1, 5, 9, 0, tzinfo=UTC))
    essentials = {"monitorCondition": "Fired", "alertRule": "r"}
    payload = {"data": {"essentials": essentials}}
    answer = requests.post(inbox.webhook_url("alerts"), json=payload, timeout=10)
    assert answer.status_code == 200
    (message,) = inbox.messages
    assert (message.kind, message.to, message.subject) == ("webhook", "/alerts", "Fired r")
    assert message.payload == payload
    assert message.at == clock.now


@pytest.mark.parametrize("body", ["no json", "[1]", '{"data": []}', '{"data": {"essentials": 1}}'])
def test_any_body_is_kept(inbox: Inbox, body: str) -> None:
    requests.post(inbox.webhook_url("x"), data=body, timeout=10).raise_for_status()
    assert [message.body for message in inbox.messages] == [body]


def test_a_mail_is_kept_once_for_each_address_with_its_plain_text(inbox: Inbox) -> None:
    send(inbox, a_mail("soc@example.com", "boss@example.com"))
    found = [(m.kind, m.to, m.subject, m.body) for m in inbox.messages]
    assert found == [
        ("email", "soc@example.com", "Fired: Ä", "Grüße\n"),
        ("email", "boss@example.com", "Fired: Ä", "Grüße\n"),
    ]


def test_it_can_be_told_to_fail(inbox: Inbox) -> None:
    inbox.fail_webhooks(2, status=429)
    codes = [requests.post(inbox.webhook_url(""), data="x", timeout=10).status_code for _ in "123"]
    assert codes == [429, 429, 200]
    inbox.refuse_mails(1)
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        send(inbox, a_mail("soc@example.com"))
    send(inbox, a_mail("soc@example.com"))
    assert [message.kind for message in inbox.messages] == ["webhook", "email"]


def test_a_body_beyond_the_limit_is_refused(inbox: Inbox) -> None:
    answer = requests.post(inbox.webhook_url(""), data=b"x" * (MAX_BYTES + 1), timeout=30)
    assert answer.status_code == 413
    assert inbox.messages == []


def test_mails_can_go_to_a_server_of_the_users(clock: Clock, inbox: Inbox) -> None:
    with Inbox(clock, mail_server=inbox.mail_server) as other:
        send(other, a_mail("soc@example.com"))
        assert other.messages == []
    assert len(inbox.messages) == 1


def test_nothing_listens_after_the_end(clock: Clock) -> None:
    inbox = Inbox(clock)
    ports = [inbox.webhook_port, inbox.mail_server[1]]
    inbox.close()
    inbox.close()
    for port in ports:
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
    assert len(ports) == 2


def test_both_servers_listen_on_loopback_only(inbox: Inbox) -> None:
    assert inbox.mail_server[0] == "127.0.0.1"
    assert inbox.webhook_url("a b").startswith("http://127.0.0.1:")
