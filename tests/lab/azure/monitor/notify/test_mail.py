"""The mail of an alert: what it says, and that nothing in it can break it."""

from email.message import EmailMessage
from typing import Any

import pytest

from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import Series
from lab.azure.monitor.notify import mail
from tests.support.alert_rules import a_rule, at


def an_alert(dimensions: dict[str, str] | None = None, **rule: Any) -> Alert:
    series = Series(dimensions or {"SrcIpAddr": "192.0.2.1"}, 7.0, True, at(0), at(5))
    return Alert.of(a_rule(**rule), series, at(5))


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_both_bodies_tell_the_essentials_and_the_dimensions() -> None:
    message = mail.message(an_alert(display_name="Many requests"), "Fired", "soc@example.com")
    for kind in ("plain", "html"):
        text = part(message, kind)
        for word in ("Many requests", "Sev2", "Fired", "192.0.2.1", "SrcIpAddr", "Count 7"):
            assert word in text, (kind, word)
    assert message["To"] == "soc@example.com"


def test_a_resolved_mail_says_when() -> None:
    alert = an_alert()
    alert.resolved_at = at(20)
    message = mail.message(alert, "Resolved", "soc@example.com")
    assert message["Subject"].startswith("Resolved:Sev2 Azure Monitor Alert many-requests on ")
    assert message["Subject"].endswith("at 2026-01-05T08:20:00Z")
    assert "Resolved: 2026-01-05T08:20:00Z" in part(message, "plain")


def test_the_subject_can_be_the_rules_own_and_may_quote_the_alert() -> None:
    own = {"Email.Subject": "[${data.essentials.severity}] ${data.essentials.alertRule}"}
    message = mail.message(an_alert(action_properties=own), "Fired", "soc@example.com")
    assert message["Subject"] == "[Sev2] many-requests"


@pytest.mark.parametrize("hostile", ["a\r\nBcc: x@example.com", "a\nb", "a\x0bb", "Ä\r\n\r\nbody"])
def test_no_value_can_add_a_header_or_markup(hostile: str) -> None:
    alert = an_alert(
        {"TargetUsername": f"<script>{hostile}"},
        name=hostile,
        display_name=f"<b>{hostile}",
        action_properties={"Email.Subject": hostile},
    )
    message = mail.message(alert, "Fired", "soc@example.com")
    bytes(message)
    assert message.keys().count("Bcc") == 0
    assert "<script>" not in part(message, "html")
    assert "<b>" not in part(message, "html")


def test_fired_and_resolved_are_two_messages_of_one_alert() -> None:
    alert = an_alert()
    ids = {mail.message(alert, c, "soc@example.com")["Message-ID"] for c in ("Fired", "Resolved")}
    assert len(ids) == 2
