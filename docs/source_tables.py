"""The tables of docs/sources.md: the sources of login events, and which detections they feed."""

from components.content import detection, kql_function, login_sources
from components.content.login_sources import EVENTS

Rows = list[tuple[str, ...]]


def sources() -> Rows:
    """Each source: its function, the log it reads, what its events tell."""
    return [
        (
            f"`{source}`",
            f"[`{each.name}`](../kql/functions/{each.name}.kql)",
            ", ".join(f"`{table}`" for table in each.tables),
            ", ".join(word.replace("_", " ") for word in each.tells),
        )
        for source, each in login_sources.known(kql_function.load_all()).items()
    ]


def detections() -> Rows:
    """Each detection on login events: what it needs, and the sources that can feed it."""
    known = login_sources.known(kql_function.load_all())
    return [
        (
            f"`{slug}`",
            ", ".join(word.replace("_", " ") for word in found.needs),
            *("yes" if set(found.needs) <= set(each.tells) else "" for each in known.values()),
        )
        for slug, found in detection.load_all().items()
        if EVENTS in {each.name for each in found.functions}
    ]


def detection_headings() -> tuple[str, ...]:
    """One column a source."""
    known = login_sources.known(kql_function.load_all())
    return ("Detection", "Needs", *(f"`{source}`" for source in known))
