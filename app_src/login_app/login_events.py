"""The login event and its line, in the words of Microsoft's ASIM Authentication schema. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from login_app.json_line import json_object, json_text


class EventType(StrEnum):
    """What somebody tried."""

    LOGON = "Logon"
    LOGOFF = "Logoff"


class EventResult(StrEnum):
    """How it ended."""

    SUCCESS = "Success"
    FAILURE = "Failure"


class EventResultDetails(StrEnum):
    """ASIM's reasons, those in use here."""

    INCORRECT_PASSWORD = "Incorrect password"  # noqa: S105  # ASIM's word, no password
    NO_SUCH_USER = "No such user"
    LOGON_VIOLATES_POLICY = "Logon violates policy"
    OTHER = "Other"


@dataclass(frozen=True, kw_only=True)
class LoginEvent:
    """One login event; what is None or empty is left out of the line."""

    ts: datetime
    event_type: str
    event_result: str
    event_result_details: str | None = None
    event_original_result_details: str | None = None
    target_username: str | None = None
    src_ip_addr: str | None = None
    src_port_number: int | None = None
    http_user_agent: str | None = None
    target_app_name: str | None = None
    event_original_uid: str | None = None


def event_line(event: LoginEvent) -> str:
    """The event as one line of JSON, without its newline; with it at most MAX_LINE_BYTES."""
    # The budgets and the names add up to less than MAX_LINE_BYTES; a test fills them all.
    texts_and_numbers = (
        ("ts", _timestamp(event.ts)),
        ("EventSchema", '"Authentication"'),
        ("EventType", _text(event.event_type, 40)),
        ("EventResult", _text(event.event_result, 40)),
        ("EventResultDetails", _text(event.event_result_details, 120)),
        ("EventOriginalResultDetails", _text(event.event_original_result_details, 120)),
        ("TargetUsername", _text(event.target_username, 1200)),
        ("SrcIpAddr", _text(event.src_ip_addr, 80)),
        ("SrcPortNumber", _port(event.src_port_number)),
        ("HttpUserAgent", _text(event.http_user_agent, 1600)),
        ("TargetAppName", _text(event.target_app_name, 320)),
        ("EventOriginalUid", _text(event.event_original_uid, 80)),
    )
    return json_object((name, value) for name, value in texts_and_numbers if value)


def _timestamp(moment: datetime) -> str:
    return f'"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")}Z"'


def _text(value: str | None, budget: int) -> str:
    return json_text(value, budget) if value else ""


def _port(value: int | None) -> str:
    return str(int(value)) if value is not None and 0 <= value < 65536 else ""
