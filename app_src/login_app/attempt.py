"""One attempt to sign in or out: what was sent, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Request
from werkzeug.datastructures import MultiDict

from login_app.client_address import ClientAddress, Network, client_address
from login_app.device import Device
from login_app.login_events import EventType, LogonMethod
from login_app.refusals import Refusal
from login_app.settings import canonical_username
from login_app.users import Account

MAX_BODY_BYTES = 16 * 1024
"""No form needs to send more."""


@dataclass
class Attempt:
    """Filled in by the guards; the journal makes its event of it."""

    event_type: EventType
    request: Request
    sender: ClientAddress
    user_agent: str | None
    is_too_long: bool
    form: MultiDict[str, str] = field(repr=False)
    username: str
    """The one spelling of the name that was sent; '' where none could be read."""
    device: Device | None = None
    is_known_device: bool = False
    account: Account | None = None
    refusal: Refusal | None = None
    retry_after: int | None = None
    method: LogonMethod | None = None
    session_mark: str | None = None
    same_wrong_password: bool | None = None
    password_known_leaked: bool | None = None
    familiar_place: bool | None = None

    def field(self, name: str) -> str:
        """A value of the form; '' where it was not sent."""
        return self.form.get(name, "")


def attempt_of(request: Request, event_type: EventType, trusted: Sequence[Network]) -> Attempt:
    """The attempt that a request is; a body that is too long is not parsed."""
    is_too_long = is_long(request)
    form = MultiDict[str, str]() if is_too_long else request.form
    return Attempt(
        event_type=event_type,
        request=request,
        sender=sender_of(request, trusted),
        user_agent=user_agent_of(request),
        is_too_long=is_too_long,
        form=form,
        username=canonical_username(form.get("username", "")),
    )


def is_long(request: Request) -> bool:
    """Whether more was sent than a form holds; a length that was not announced counts as long.

    The server announces the length of what it has read, also where the client sent chunks.
    """
    if "Transfer-Encoding" in request.headers and request.content_length is None:
        return True
    return (request.content_length or 0) > MAX_BODY_BYTES


def sender_of(request: Request, trusted: Sequence[Network]) -> ClientAddress:
    """Who sent a request, as the front end and the trusted proxies tell it."""
    return client_address(
        request.headers.get("X-Forwarded-For"),
        peer=request.environ.get("REMOTE_ADDR"),
        peer_port=request.environ.get("REMOTE_PORT"),
        trusted_proxies=trusted,
    )


def user_agent_of(request: Request) -> str | None:
    """As UTF-8, which is how App Service logs it; WSGI hands over the bytes as Latin-1."""
    given = request.headers.get("User-Agent")
    return given.encode("latin-1", "replace").decode("utf-8", "replace") if given else None
