"""The mail that tells of an alert."""

from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Any, Final

from lab.azure.monitor.alert import Alert, Condition
from lab.azure.monitor.common_alert_schema import filled, target_type
from lab.moment import rfc3339

SENDER: Final = "Azure Monitor (rehearsed) <alerts@example.com>"

Rows = list[tuple[str, str]]


def message(alert: Alert, condition: Condition, to: str) -> EmailMessage:
    """Plain text and HTML with the essentials, the dimensions and the link to the rows."""
    body = alert.payload(condition)
    heading = f"{condition}: Sev{alert.severity} {_line(alert.rule.name)}"
    tables = {"": _essentials(alert, condition), "Dimensions": list(alert.dimensions.items())}
    link = body["data"]["alertContext"]["condition"]["allOf"][0]["linkToFilteredSearchResultsUI"]
    mail = EmailMessage()
    mail["From"] = SENDER
    mail["To"] = to
    mail["Subject"] = subject(alert, condition, body)
    mail["Date"] = format_datetime(alert.resolved_at or alert.fired_at)
    mail["Message-ID"] = f"<{alert.guid}.{condition.lower()}@lab.example.com>"
    mail.set_content(_text(heading, tables, link))
    mail.add_alternative(_html(heading, tables, link), subtype="html")
    return mail


def subject(alert: Alert, condition: Condition, body: dict[str, Any]) -> str:
    """Azure's own, unless the rule's action property `Email.Subject` says otherwise."""
    own = alert.rule.action_properties.get("Email.Subject")
    if own:
        return _line(filled(own, body))
    target = alert.rule.scopes[0] if alert.rule.scopes else ""
    moment = alert.resolved_at if condition == "Resolved" else alert.fired_at
    return _line(
        f"{condition}:Sev{alert.severity} Azure Monitor Alert {alert.rule.name}"
        f" on {target.rpartition('/')[2]} ( {target_type(target)} )"
        f" at {rfc3339(moment or alert.fired_at)}"
    )


def _essentials(alert: Alert, condition: Condition) -> Rows:
    rule = alert.rule
    rows = [
        ("Alert rule", rule.display_name or rule.name),
        ("Description", rule.description),
        ("Severity", f"Sev{rule.severity}"),
        ("Condition", condition),
        ("Fired", rfc3339(alert.fired_at)),
        ("Measured", f"{rule.aggregation} {alert.value:g} ({rule.operator} {rule.threshold:g})"),
        ("Window", f"{rfc3339(alert.window_start)} to {rfc3339(alert.window_end)}"),
        ("Target", rule.scopes[0] if rule.scopes else ""),
        ("Alert id", alert.id),
    ]
    if alert.resolved_at is not None:
        rows.insert(5, ("Resolved", rfc3339(alert.resolved_at)))
    return rows


def _text(heading: str, tables: dict[str, Rows], link: str) -> str:
    lines = [heading]
    for title, rows in tables.items():
        lines += ["", *([title] if title and rows else [])]
        lines += [f"{name}: {_line(value)}" for name, value in rows]
    return "\n".join([*lines, "", f"The rows behind it: {link}", ""])


def _html(heading: str, tables: dict[str, Rows], link: str) -> str:
    parts = [f"<!doctype html><html><body><h2>{escape(heading)}</h2>"]
    for title, rows in tables.items():
        if title and rows:
            parts.append(f"<h3>{escape(title)}</h3>")
        cells = "".join(
            f"<tr><th align='left'>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in rows
        )
        parts.append(f"<table>{cells}</table>")
    parts.append(f"<p><a href='{escape(link)}'>The rows behind it</a></p></body></html>")
    return "".join(parts)


def _line(text: str) -> str:
    """A value on one line: a line break in a subject would start another header."""
    return " ".join(text.split())
