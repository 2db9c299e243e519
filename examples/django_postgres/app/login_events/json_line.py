# `make docs` makes this file of app_src/login_app/json_line.py.
"""JSON on one line of plain ASCII, with a limit in bytes that no input gets past. Pure."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable

MAX_LINE_BYTES = 4096
"""Newline included. What a pipe takes in one piece on Linux (PIPE_BUF), and well under the
length at which log collectors split a line."""

CUT_MARK = "…"
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def json_text(text: str, budget: int) -> str:
    """The text as a JSON string of at most `budget` bytes, quotes included; cut text ends in …"""
    clean = _LONE_SURROGATE.sub("\ufffd", text[:budget])
    quoted = _quoted(clean)
    if len(quoted) <= budget:
        return quoted
    keep = bisect_right(
        range(len(clean)), budget, key=lambda length: len(_quoted(clean[:length] + CUT_MARK))
    )
    return _quoted(clean[: max(keep - 1, 0)] + CUT_MARK)


def json_object(members: Iterable[tuple[str, str]]) -> str:
    """One JSON object from names (plain ASCII) and values that are JSON already, in this order."""
    return "{" + ",".join(f'"{name}":{value}' for name, value in members) + "}"


def _quoted(text: str) -> str:
    # Only space to tilde stay as they are, so that no control character (DEL and C1 too), line
    # separator or bidi mark reaches a terminal or a log reader.
    return json.dumps(text, ensure_ascii=True)
