"""What is known of a sign-in or sign-out, and the event that is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from login_events.client_address import ClientAddress, client_address
from login_events.events import EventResult, EventType, LoginEvent, LogonMethod

MAX_REFUSED_NAME = 64
"""Of a name that is nobody's: people type passwords there."""


@dataclass
class Attempt:
    """One outcome; the line is written when the request is over."""

    event_type: EventType
    result: EventResult
    details: str | None = None
    original_details: str | None = None
    username: str = ""
    is_somebody: bool = True
    """The name is that of an account."""
    password_seen: bool = False
    session_mark: str | None = None


@dataclass
class Noted:
    """What the receivers have heard in the course of one request."""

    attempts: list[Attempt] = field(default_factory=list)


def event(attempt: Attempt, request: HttpRequest | None) -> LoginEvent:
    """In the words of docs/events.md of login-monitor."""
    sender = sender_of(request)
    agent = None if request is None else request.META.get("HTTP_USER_AGENT")
    name = attempt.username if attempt.is_somebody else attempt.username[:MAX_REFUSED_NAME]
    return LoginEvent(
        ts=datetime.now(UTC),
        event_type=attempt.event_type,
        event_result=attempt.result,
        event_result_details=attempt.details,
        event_original_result_details=attempt.original_details,
        target_username=name or None,
        target_session_id=attempt.session_mark,
        src_ip_addr=sender.address,
        src_port_number=sender.port,
        http_user_agent=agent,
        logon_method=LogonMethod.PASSWORD if attempt.password_seen else None,
        target_app_name=app_name(),
        event_original_uid=str(uuid4()),
    )


def sender_of(request: HttpRequest | None) -> ClientAddress:
    """The client as App Service's front end names it, or one of LOGIN_EVENTS_TRUSTED_PROXIES."""
    if request is None:
        return ClientAddress(None)
    proxies = getattr(settings, "LOGIN_EVENTS_TRUSTED_PROXIES", ())
    return client_address(
        request.META.get("HTTP_X_FORWARDED_FOR"),
        peer=request.META.get("REMOTE_ADDR"),
        peer_port=request.META.get("REMOTE_PORT"),
        trusted_proxies=[ip_network(each) for each in proxies],
    )


def client_ip(request: HttpRequest) -> str:
    """The address alone, for whoever else needs it: AXES_CLIENT_IP_CALLABLE and the like."""
    return sender_of(request).address or "unknown"


def name_in(fields: Mapping[str, Any]) -> str:
    """The name that somebody typed: backends and forms call it as the user model does, or as
    Django's own do.
    """
    own = str(get_user_model().USERNAME_FIELD)
    keys = (own, "username", "email", "login")
    return next((str(fields[key]) for key in keys if fields.get(key)), "")


def session_mark(request: HttpRequest) -> str | None:
    """A hash of the session that is the same in each of its events; nobody signs in with it."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    return salted_hmac("login_events", key, algorithm="sha256").hexdigest()[:32] if key else None


def app_name() -> str:
    """LOGIN_EVENTS_APP_NAME, or the package that holds the project's URLs."""
    name = getattr(settings, "LOGIN_EVENTS_APP_NAME", "")
    return str(name or settings.ROOT_URLCONF.partition(".")[0])
