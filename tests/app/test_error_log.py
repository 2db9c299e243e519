"""Standard error: one line for each record, traceback included."""

import json
import logging
import sys

from hypothesis import given
from hypothesis import strategies as st
from login_app.error_log import OneLineFormatter
from login_app.json_line import MAX_LINE_BYTES

ANY_TEXT = st.text(st.characters(exclude_categories=()))


def a_record(message: str, error: Exception | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("login_app", logging.ERROR, __file__, 1, message, (), info)


def raised(message: str, depth: int = 0) -> Exception:
    try:
        if depth:
            raise raised(message, depth - 1)
        raise ValueError(message)
    except ValueError as error:
        return error


@given(ANY_TEXT, ANY_TEXT, st.integers(1, 500))
def test_a_record_is_one_short_line_of_json(message: str, cause: str, times: int) -> None:
    line = OneLineFormatter().format(a_record(message * times, raised(cause * times, depth=5)))
    assert len(f"{line}\n".encode()) <= MAX_LINE_BYTES
    assert len(line.splitlines()) == 1
    assert set(json.loads(line)) == {"ts", "level", "logger", "message", "error", "where"}


def test_the_place_of_an_error_is_told_deepest_first() -> None:
    def outer() -> None:
        inner()

    def inner() -> None:
        raise ValueError("no such thing")

    try:
        outer()
    except ValueError:
        record = logging.LogRecord(
            "login_app", logging.ERROR, __file__, 1, "Exception on %s", ("/",), sys.exc_info()
        )
    told = json.loads(OneLineFormatter().format(record))
    assert told["message"] == "Exception on /"
    assert told["error"] == "ValueError", "texts of exceptions hold what was sent"
    assert [frame.split()[1] for frame in told["where"].split(" < ")][:2] == ["inner", "outer"]
    assert told["where"].startswith("test_error_log.py:")


def test_a_record_without_an_error_has_no_place() -> None:
    assert set(json.loads(OneLineFormatter().format(a_record("hello")))) == {
        "ts",
        "level",
        "logger",
        "message",
    }
