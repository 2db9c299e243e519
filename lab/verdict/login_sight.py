"""Whether the detections of sign-ins have seen anything: an app that writes no events they can read
is not watched by them, whatever its other alerts say.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from components.content import detection
from components.content.detection import Detection
from components.content.login_sources import EVENTS
from lab.logs.log_tables import LogTables
from lab.logs.told_logins import ToldLogins, told
from lab.report.model import LoginsEntry

_COUNTED: Final = {"account": "accounts", "address": "addresses"}
"""What is needed, and the count of events that have it."""


def entry(
    slugs: Collection[str], sources: Iterable[str], tables: LogTables, now: datetime, note: str = ""
) -> LoginsEntry:
    """Of the deployed detections `slugs`, which read these sources; `note` is for the reader."""
    seen = told(sources, tables, now)
    on_events = [each for each in detection.load_all().values() if _reads_events(each)]
    return LoginsEntry(
        sources=seen.sources,
        tables=seen.tables,
        rows=seen.rows,
        events=seen.events,
        blind={
            each.slug: lacking
            for each in on_events
            if each.slug in slugs and (lacking := _lacking(each, seen))
        },
        note=note,
    )


def _reads_events(found: Detection) -> bool:
    return EVENTS in {each.name for each in found.functions}


def _lacking(found: Detection, seen: ToldLogins) -> tuple[str, ...]:
    """What a detection needs and not one event has; without any event, an event."""
    if not seen.events:
        return ("event",)
    counts = {need: getattr(seen, count) for need, count in _COUNTED.items()}
    return tuple(need for need in found.needs if counts.get(need) == 0)
