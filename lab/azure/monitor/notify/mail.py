"""The mail that tells of an alert."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lab.azure.monitor.notify.alert_text import target_type
from lab.azure.monitor.notify.common_alert_schema import filled, payload
from lab.azure.monitor.notify.fired_alert import Condition, FiredAlert
from lab.clock.rfc3339 import rfc3339

SENDER: Final = "Azure Monitor (rehearsed) <alerts@example.com>"

Rows = list[tuple[str, str]]

_TEMPLATE: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("mail.html.jinja")


def message(alert: FiredAlert, condition: Condition, to: str) -> EmailMessage:
    """Plain text and HTML with the essentials, the dimensions and a link to what is behind it."""
    body = payload(alert, condition)
    heading = f"{condition}: Sev{alert.severity} {_line(alert.rule.name)}"
    tables = {"": _essentials(alert, condition), "Dimensions": list(alert.dimensions.items())}
    link = _link(body)
    mail = EmailMessage()
    mail["From"] = SENDER
    mail["To"] = to
    mail["Subject"] = subject(alert, condition, body)
    mail["Date"] = format_datetime(_moment(alert, condition))
    mail["Message-ID"] = f"<{alert.guid}.{condition.lower()}@lab.example.com>"
    mail.set_content(_text(heading, tables, link))
    mail.add_alternative(_html(heading, tables, link), subtype="html")
    return mail


def subject(alert: FiredAlert, condition: Condition, body: dict[str, Any]) -> str:
    """Azure's own, unless the rule's action property `Email.Subject` says otherwise."""
    own = alert.rule.action_properties.get("Email.Subject")
    if own:
        return _line(filled(own, body))
    target = alert.targets[0] if alert.targets else ""
    return _line(
        f"{condition}:Sev{alert.severity} Azure Monitor Alert {alert.rule.name}"
        f" on {target.rpartition('/')[2]} ( {target_type(target)} )"
        f" at {rfc3339(_moment(alert, condition))}"
    )


def _moment(alert: FiredAlert, condition: Condition) -> datetime:
    """Of what the mail tells: an alert may have been resolved since it was sent."""
    resolved = alert.resolved_at if condition == "Resolved" else None
    return resolved or alert.fired_at


def _essentials(alert: FiredAlert, condition: Condition) -> Rows:
    rule = alert.rule
    rows = [
        ("Alert rule", rule.display_name or rule.name),
        ("Description", rule.description),
        ("Severity", f"Sev{rule.severity}"),
        ("Condition", condition),
        ("Fired", rfc3339(alert.fired_at)),
        ("Measured", alert.measured),
        ("Window", f"{rfc3339(alert.window_start)} to {rfc3339(alert.window_end)}"),
        ("Target", alert.targets[0] if alert.targets else ""),
        ("Alert id", alert.id),
    ]
    if condition == "Resolved" and alert.resolved_at is not None:
        rows.insert(5, ("Resolved", rfc3339(alert.resolved_at)))
    return rows


def _link(body: dict[str, Any]) -> tuple[str, str]:
    """Words and address: the rows of a log alert, else the alert's page in the portal."""
    condition = body["data"]["alertContext"].get("condition") or {}
    for criterion in condition.get("allOf") or ():
        if rows := criterion.get("linkToFilteredSearchResultsUI"):
            return "The rows behind it", rows
    return "The alert", body["data"]["essentials"]["investigationLink"]


def _text(heading: str, tables: dict[str, Rows], link: tuple[str, str]) -> str:
    lines = [heading]
    for title, rows in tables.items():
        lines += ["", *([title] if title and rows else [])]
        lines += [f"{name}: {_line(value)}" for name, value in rows]
    return "\n".join([*lines, "", ": ".join(link), ""])


def _html(heading: str, tables: dict[str, Rows], link: tuple[str, str]) -> str:
    words, address = link
    return _TEMPLATE.render(heading=heading, tables=tables, words=words, address=address)


def _line(text: str) -> str:
    """A value on one line: a line break in a subject would start another header."""
    return " ".join(text.split())
