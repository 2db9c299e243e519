"""Standard error: one line of JSON for each record, its traceback folded in.

App Service makes a row of each line, and would scatter a traceback over dozens.
"""

import logging
import threading
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from types import TracebackType
from typing import Any

from login_app.json_line import json_object, json_text

FRAMES_KEPT = 12
_LOG = logging.getLogger("login_app.error_log")


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
            # The types only: texts of exceptions hold what was sent, passwords too.
            members.append(("error", json_text(_kinds(error), 400)))
            members.append(("where", json_text(_where(record.exc_info[2]), 1600)))
        return json_object(members)


def _kinds(error: BaseException) -> str:
    """The exception's type and those that it came from: `OperationalError < ConnectionTimeout`."""
    found: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(found) < FRAMES_KEPT:
        found.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    return " < ".join(found)


def watch_strays() -> None:
    """Warnings and exceptions of threads take the same way as everything else."""
    logging.captureWarnings(True)

    def tell(stray: threading.ExceptHookArgs) -> None:
        if stray.exc_value is not None:
            _LOG.error("a thread ended", exc_info=stray.exc_value)

    threading.excepthook = tell


def _where(trace: TracebackType | None) -> str:
    """The innermost frames, deepest first: `users.py:12 verify < sign_in.py:40 login`."""
    frames = traceback.extract_tb(trace)[-FRAMES_KEPT:]
    return " < ".join(
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )


# For logging.config.dictConfig, in serve.py: every logger to stderr in this form.
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
        "login_app.server": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        # Broken requests are as free as air; it has a line for each.
        "waitress": {"level": "ERROR", "handlers": ["stderr"], "propagate": False},
        # One line for each migration at each start.
        "alembic": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
    },
}
