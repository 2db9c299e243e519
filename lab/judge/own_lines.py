"""Sign-ins as an app of one's own prints them, in place of the login app's events.

A rule that looks for `SIGN-IN REFUSED` sees nothing in the lab's log lines; told how its app says
that somebody failed (`--failure-line "SIGN-IN REFUSED: {TargetUsername} from {SrcIpAddr}"`), it is
tried on lines of that form.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from components.limits.refusal import RefusedError
from lab.cases.case_pattern import CONSOLE, CaseRow
from lab.judge.scenes import Scene

FIELDS: Final = ("TargetUsername", "SrcIpAddr", "HttpUserAgent", "EventResultDetails", "ts")
_HOLE: Final = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class OwnLines:
    """What the app prints when somebody fails, and when somebody gets in; nothing for ""."""

    failure: str = ""
    success: str = ""

    def __post_init__(self) -> None:
        """RefusedError for a place to fill in that no event has."""
        for option, text in (("failure", self.failure), ("success", self.success)):
            for name in _HOLE.findall(text):
                if name not in FIELDS:
                    expected = f"expected one of {', '.join(f'{{{each}}}' for each in FIELDS)}"
                    what = f"--{option}-line has {{{name}}}, which no sign-in has"
                    raise RefusedError.of(what, expected)

    def __bool__(self) -> bool:
        return bool(self.failure or self.success)


def told(scenes: Sequence[Scene], lines: OwnLines) -> list[Scene]:
    """The scenes with the app's own lines."""
    if not lines:
        return list(scenes)
    return [
        replace(each, rows=[row for old in each.rows if (row := _row(old, lines)) is not None])
        for each in scenes
    ]


def _row(row: CaseRow, lines: OwnLines) -> CaseRow | None:
    text = str(row.values.get("ResultDescription", ""))
    event = _event(text) if row.table == CONSOLE and '"EventSchema"' in text else None
    if event is None:
        return row
    template = lines.failure if event.get("EventResult") == "Failure" else lines.success
    if event.get("EventType") != "Logon" or not template:
        return None
    line = _HOLE.sub(lambda hole: str(event.get(hole[1], "")), template)
    return replace(row, values={**row.values, "ResultDescription": line})


def _event(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None
