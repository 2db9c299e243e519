"""Standard error: one line of JSON for each record, its traceback folded in.

App Service makes a row of each line, and would scatter a traceback over dozens.
"""

import logging
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from types import TracebackType
from typing import Any

from login_app.json_line import json_object, json_text

FRAMES_KEPT = 12


class OneLineFormatter(logging.Formatter):
    """A record as a line of JSON of at most MAX_LINE_BYTES."""

    def format(self, record: logging.LogRecord) -> str:
        """Keys: ts, level, logger, message; with an exception also error and where."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        members = [
            ("ts", json_text(moment.replace("+00:00", "Z"), 40)),
            ("level", json_text(record.levelname, 40)),
            ("logger", json_text(record.name, 120)),
            ("message", json_text(record.getMessage(), 1200)),
        ]
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            members.append(("error", json_text(f"{type(error).__name__}: {error}", 800)))
            members.append(("where", json_text(_where(record.exc_info[2]), 1600)))
        return json_object(members)


def _where(trace: TracebackType | None) -> str:
    """The innermost frames, deepest first: `users.py:12 verify < sign_in.py:40 login`."""
    frames = traceback.extract_tb(trace)[-FRAMES_KEPT:]
    return " < ".join(
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )


# For logging.config.dictConfig, through gunicorn: every logger to stderr in this form.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"one_line": {"()": OneLineFormatter}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "one_line",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}
