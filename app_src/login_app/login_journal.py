"""Writes each login event, with what the current request tells about its sender."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from flask import request

from login_app.client_address import ClientAddress, client_address
from login_app.login_events import EventResult, EventType, LoginEvent, event_line
from login_app.refusals import Refusal


class LoginJournal:
    """Turns an outcome of the current request into one written line."""

    def __init__(self, app_name: str, write_line: Callable[[str], None]) -> None:
        self._app_name = app_name
        self._write_line = write_line

    def success(self, event_type: EventType, username: str) -> None:
        """Raises OSError when the line cannot be written: an unseen sign-in must not succeed."""
        self._write(event_type, EventResult.SUCCESS, username, None)

    def failure(self, event_type: EventType, username: str | None, refusal: Refusal) -> None:
        """The same for a refused request; username as attempted, None when it could not be read."""
        self._write(event_type, EventResult.FAILURE, username, refusal)

    def _write(
        self,
        event_type: EventType,
        result: EventResult,
        username: str | None,
        refusal: Refusal | None,
    ) -> None:
        sender = request_sender()
        event = LoginEvent(
            ts=datetime.now(UTC),
            event_type=event_type,
            event_result=result,
            event_result_details=refusal.details if refusal else None,
            event_original_result_details=refusal.original_details if refusal else None,
            target_username=username,
            src_ip_addr=sender.address,
            src_port_number=sender.port,
            http_user_agent=request.headers.get("User-Agent"),
            target_app_name=self._app_name,
            event_original_uid=str(uuid4()),
        )
        self._write_line(event_line(event))


def request_sender() -> ClientAddress:
    """Who sent the current request, as the front end tells it."""
    return client_address(
        request.headers.get("X-Forwarded-For"),
        peer=request.environ.get("REMOTE_ADDR"),
        peer_port=request.environ.get("REMOTE_PORT"),
    )
