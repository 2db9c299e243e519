"""Writes the lines; one journal for each process."""

import logging
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from threading import Lock

from login_events.client_address import network_of
from login_events.console import Console
from login_events.events import LoginEvent, event_line
from login_events.json_line import json_object, json_text
from login_events.log_budget import LogBudget

BEAT = timedelta(minutes=5)
_CONSOLE = Console()
_LOG = logging.getLogger("login_events")


def write(event: LoginEvent) -> None:
    """Raises OSError when nobody takes the line: an unseen sign-in must not succeed."""
    _CONSOLE.write_line(event_line(event))


_BUDGET = LogBudget(write)


def write_refusal(event: LoginEvent) -> None:
    """Of a try whose password nobody looked at: it is cheap to cause, so there is a budget."""
    key: Hashable = (event.event_original_result_details, network_of(event.src_ip_addr))
    _BUDGET.spend(key, event)


class Heartbeat:
    """A line now and then that tells a quiet night from a broken log."""

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._turn = Lock()

    def beat(self, app_name: str) -> None:
        """One line in five minutes in which somebody comes, as App Service's health check does."""
        now = datetime.now(UTC)
        with self._turn:
            if self._last is not None and timedelta(0) <= now - self._last < BEAT:
                return
            self._last = now
        moment = now.replace(tzinfo=None).isoformat(timespec="microseconds")
        line = json_object(
            (
                ("ts", f'"{moment}Z"'),
                ("EventSchema", '"Heartbeat"'),
                ("TargetAppName", json_text(app_name, 320)),
            )
        )
        try:
            _CONSOLE.write_line(line)
        except OSError as error:
            _LOG.warning("no heartbeat: %s", error)
