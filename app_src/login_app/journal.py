"""Writes the events: one for each attempt, whatever becomes of it, and one for each change."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from login_app.attempt import Attempt
from login_app.client_address import ClientAddress, network_of
from login_app.log_budget import LogBudget
from login_app.login_events import (
    EventResult,
    EventResultDetails,
    EventType,
    LoginEvent,
    event_line,
)
from login_app.refusals import CROSS_SITE, UNAVAILABLE

RETRY_AFTER_FAULT = 10
MAX_REFUSED_NAME = 64
_LOG = logging.getLogger("login_app.journal")


class Journal:
    """Turns outcomes into written lines."""

    def __init__(self, app_name: str, write_line: Callable[[str], None]) -> None:
        self._app_name = app_name
        self._write_line = write_line
        self._budget = LogBudget(self._write)

    @contextmanager
    def attempt(self, attempt: Attempt) -> Iterator[Attempt]:
        """Writes the attempt's event on the way out, whatever happens inside.

        An exception becomes the refusal UNAVAILABLE. Raises OSError when the line cannot be
        written: an unseen sign-in must not succeed.
        """
        try:
            yield attempt
        except Exception as error:
            # Its text may hold what a visitor sent; the type and the place are enough.
            _LOG.error("an attempt failed", exc_info=error)
            attempt.refusal, attempt.retry_after = UNAVAILABLE, RETRY_AFTER_FAULT
        self._record(attempt)

    def changed(
        self,
        event_type: EventType,
        username: str,
        *,
        actor: str | None,
        sub_type: str | None = None,
        sender: ClientAddress | None = None,
        user_agent: str | None = None,
        result: EventResult = EventResult.SUCCESS,
        details: str | None = None,
    ) -> None:
        """An account was changed, by its owner or, without a sender, by the app's settings."""
        self._write(
            LoginEvent(
                ts=datetime.now(UTC),
                event_schema=event_type.schema,
                event_type=event_type,
                event_sub_type=sub_type,
                event_result=result,
                event_result_details=details,
                target_username=username,
                actor_username=actor,
                src_ip_addr=sender.address if sender else None,
                src_port_number=sender.port if sender else None,
                http_user_agent=user_agent,
                target_app_name=self._app_name,
                event_original_uid=str(uuid4()),
            )
        )

    def session_over(
        self, username: str, mark: str, sender: ClientAddress, user_agent: str | None, why: str
    ) -> None:
        """A session ended by itself, or a cookie came whose session had ended before."""
        is_replay = why == "SessionReplayed"
        event = LoginEvent(
            ts=datetime.now(UTC),
            event_type=EventType.LOGOFF,
            event_result=EventResult.FAILURE if is_replay else EventResult.SUCCESS,
            event_result_details=EventResultDetails.SESSION_EXPIRED,
            event_original_result_details=why,
            target_username=username,
            target_session_id=mark,
            src_ip_addr=sender.address,
            src_port_number=sender.port,
            http_user_agent=user_agent,
            target_app_name=self._app_name,
            event_original_uid=str(uuid4()),
        )
        self._budget.spend((why, network_of(sender.address)), event)

    def settle(self) -> None:
        """Writes the numbers of refused tries that are due."""
        self._budget.settle(datetime.now(UTC))

    def close(self) -> None:
        """Writes the numbers that are left."""
        self._budget.close()

    def _record(self, attempt: Attempt) -> None:
        refusal = attempt.refusal
        if attempt.event_type is EventType.LOGOFF and attempt.account is None:
            return  # nobody was signed in: nothing ended
        event = LoginEvent(
            ts=datetime.now(UTC),
            event_type=attempt.event_type,
            event_result=refusal.result if refusal else EventResult.SUCCESS,
            event_result_details=refusal.details if refusal else None,
            event_original_result_details=refusal.original_details if refusal else None,
            target_username=attempt.username or None,
            target_session_id=attempt.session_mark,
            src_ip_addr=attempt.sender.address,
            src_port_number=attempt.sender.port,
            http_user_agent=attempt.user_agent,
            logon_method=attempt.method if attempt.event_type is EventType.LOGON else None,
            same_wrong_password=attempt.same_wrong_password,
            password_known_leaked=attempt.password_known_leaked,
            familiar_place=attempt.familiar_place,
            target_app_name=self._app_name,
            event_original_uid=str(uuid4()),
        )
        if refusal is None or refusal.checks_password:
            self._write(event)
            return
        if refusal is CROSS_SITE:
            # The foreign page chose the name; it says nothing about anybody.
            event = replace(event, target_username=None)
        elif event.target_username and len(event.target_username) > MAX_REFUSED_NAME:
            event = replace(event, target_username=event.target_username[:MAX_REFUSED_NAME] + "…")
        self._budget.spend((refusal.original_details, network_of(attempt.sender.address)), event)

    def _write(self, event: LoginEvent) -> None:
        self._write_line(event_line(event))
