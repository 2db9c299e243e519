"""A line now and then that says nothing but that lines arrive: whoever watches can miss it.

Nobody signs in at night, and health checks are in no log of the platform's. Without this line a
quiet night and a broken log look the same.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from login_app.json_line import json_object, json_text

PAUSE = timedelta(minutes=5)
SCHEMA = "Heartbeat"


class Heartbeat:
    """One line for each pause in which somebody asks for the app's health, as App Service does."""

    def __init__(self, app_name: str, write_line: Callable[[str], None]) -> None:
        self._app_name = app_name
        self._write_line = write_line
        self._last: datetime | None = None
        self._turn = Lock()

    def beat(self, now: datetime) -> None:
        """Raises OSError when the line cannot be written."""
        with self._turn:
            # The clock may have been set back: then the last line lies in the future.
            if self._last is not None and timedelta(0) <= now - self._last < PAUSE:
                return
            self._write_line(heartbeat_line(now, self._app_name))
            self._last = now


def heartbeat_line(ts: datetime, app_name: str) -> str:
    """The line as JSON, without its newline; no login event, whoever looks for those."""
    moment = ts.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return json_object(
        (
            ("ts", f'"{moment}Z"'),
            ("EventSchema", f'"{SCHEMA}"'),
            ("TargetAppName", json_text(app_name, 320)),
        )
    )
