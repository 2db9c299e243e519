"""The messages of a rehearsal, as its report keeps them: whose they are, and without long texts."""

import json

from lab.azure import Azure
from lab.azure.monitor.notify.inbox import Inbox, Received
from lab.report import shorten
from lab.report.model import Message
from lab.verdict.verdict import Evidence, role_of

_HEAD = 400
"""Characters in which a mail or a text message names its rule."""


def read(azure: Azure, evidence: Evidence, inbox: Inbox) -> list[Message]:
    """In order of arrival."""
    names = {alert.rule.name: evidence.slug_of(alert) for alert in azure.alerts}
    names |= {alert.rule.name: role_of(alert) for alert in azure.platform_alerts}
    return [
        Message(
            kind=message.kind,
            at=message.at,
            to=message.to,
            subject=message.subject,
            body=_readable(message),
            rule=_rule(message, names),
        )
        for message in inbox.messages
    ]


def _rule(message: Received, names: dict[str, str]) -> str:
    head = f"{message.subject}\n{message.body[:_HEAD]}"
    return next((slug for name, slug in names.items() if name in head), "")


def _readable(message: Received) -> str:
    if message.payload is None:
        return shorten.text(message.body)
    return json.dumps(shorten.shortened(message.payload), indent=2, ensure_ascii=False)
