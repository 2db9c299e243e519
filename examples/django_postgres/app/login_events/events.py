# `make docs` makes this file of app_src/login_app/login_events.py.
"""The events and their lines, in the words of Microsoft's ASIM schemas. Pure.

Authentication for sign-ins and sessions, UserManagement for changes of an account.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from login_events.json_line import json_object, json_text

AUTHENTICATION = "Authentication"
USER_MANAGEMENT = "UserManagement"
SCHEMA_VERSIONS = {AUTHENTICATION: "0.1.4", USER_MANAGEMENT: "0.1.2"}
VENDOR, PRODUCT = "login-monitor", "django"


class EventType(StrEnum):
    """What somebody tried, or what was done to an account."""

    LOGON = "Logon"
    LOGOFF = "Logoff"
    PASSWORD_CHANGED = "PasswordChanged"  # noqa: S105  # ASIM's word, no password
    PASSWORD_RESET = "PasswordReset"  # noqa: S105
    USER_CREATED = "UserCreated"
    USER_DISABLED = "UserDisabled"
    USER_ENABLED = "UserEnabled"
    USER_MODIFIED = "UserModified"

    @property
    def schema(self) -> str:
        """The ASIM schema that the word belongs to."""
        return AUTHENTICATION if self in (EventType.LOGON, EventType.LOGOFF) else USER_MANAGEMENT


class EventResult(StrEnum):
    """How it ended; partial is a right password that a second factor must follow."""

    SUCCESS = "Success"
    PARTIAL = "Partial"
    FAILURE = "Failure"


class EventResultDetails(StrEnum):
    """ASIM's reasons, those in use here."""

    INCORRECT_PASSWORD = "Incorrect password"  # noqa: S105  # ASIM's word, no password
    NO_SUCH_USER = "No such user"
    USER_LOCKED = "User locked"
    USER_DISABLED = "User disabled"
    MFA_NOT_SATISFIED = "MFA not satisfied"
    SESSION_EXPIRED = "Session expired"
    LOGON_VIOLATES_POLICY = "Logon violates policy"
    OTHER = "Other"


class LogonMethod(StrEnum):
    """ASIM's ways of signing in, those in use here."""

    PASSWORD = "Username & Password"  # noqa: S105  # ASIM's word, no password
    TWO_FACTORS = "Multi factor authentication"


@dataclass(frozen=True, kw_only=True)
class LoginEvent:
    """One event; what is None or empty is left out of the line."""

    ts: datetime
    event_type: str
    event_result: str
    event_schema: str = AUTHENTICATION
    event_result_details: str | None = None
    event_original_result_details: str | None = None
    event_count: int = 1
    """How many tries the line stands for; left out where it is one."""
    event_sub_type: str | None = None
    """What of a user was modified: `SecondFactorAdded`, `SessionEnded` and the like."""
    target_username: str | None = None
    target_session_id: str | None = None
    """A hash of the session, the same in each of its events; nobody signs in with it."""
    actor_username: str | None = None
    src_ip_addr: str | None = None
    src_port_number: int | None = None
    http_user_agent: str | None = None
    logon_method: str | None = None
    same_wrong_password: bool | None = None
    """The same wrong password as before for this account, as of a forgetful program."""
    password_known_leaked: bool | None = None
    familiar_place: bool | None = None
    """A device or network that has signed in to this account before."""
    target_app_name: str | None = None
    event_original_uid: str | None = None


def event_line(event: LoginEvent) -> str:
    """The event as one line of JSON, without its newline; with it at most MAX_LINE_BYTES."""
    # The budgets and the names add up to less than MAX_LINE_BYTES; a test fills them all.
    members = (
        ("ts", _timestamp(event.ts)),
        ("EventSchema", _text(event.event_schema, 40)),
        ("EventSchemaVersion", _text(SCHEMA_VERSIONS.get(event.event_schema), 20)),
        ("EventVendor", _text(VENDOR, 40)),
        ("EventProduct", _text(PRODUCT, 40)),
        ("EventType", _text(event.event_type, 40)),
        ("EventSubType", _text(event.event_sub_type, 60)),
        ("EventResult", _text(event.event_result, 40)),
        ("EventResultDetails", _text(event.event_result_details, 120)),
        ("EventOriginalResultDetails", _text(event.event_original_result_details, 120)),
        ("EventCount", _count(event.event_count)),
        ("TargetUsername", _text(event.target_username, 910)),
        ("TargetSessionId", _text(event.target_session_id, 80)),
        ("ActorUsername", _text(event.actor_username, 200)),
        ("SrcIpAddr", _text(event.src_ip_addr, 80)),
        ("SrcPortNumber", _port(event.src_port_number)),
        ("HttpUserAgent", _text(event.http_user_agent, 1100)),
        ("LogonMethod", _text(event.logon_method, 40)),
        ("SameWrongPassword", _flag(event.same_wrong_password)),
        ("PasswordKnownLeaked", _flag(event.password_known_leaked)),
        ("FamiliarPlace", _flag(event.familiar_place)),
        ("TargetAppName", _text(event.target_app_name, 320)),
        ("EventOriginalUid", _text(event.event_original_uid, 80)),
    )
    return json_object((name, value) for name, value in members if value)


def _timestamp(moment: datetime) -> str:
    return f'"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")}Z"'


def _text(value: str | None, budget: int) -> str:
    return json_text(value, budget) if value else ""


def _flag(value: bool | None) -> str:
    return "" if value is None else str(value).lower()


def _count(value: int) -> str:
    return str(int(value)) if int(value) > 1 else ""


def _port(value: int | None) -> str:
    return str(int(value)) if value is not None and 0 <= value < 65536 else ""
