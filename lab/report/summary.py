"""The verdict in a sentence or two: how many fired, who else was accused, what was not judged."""

from collections.abc import Iterator

from lab.report.model import LoginsEntry, Report


def sentences(report: Report) -> list[str]:
    """What a reader wants to know first; of a replay, the number of alerts and of login events."""
    logins = [] if report.logins is None else list(_logins(report.logins))
    if not report.detections:
        return [f"{count(len(report.alerts), 'alert')}.", *logins]
    return [_judged(report), *_not_judged(report), *logins]


def judged(report: Report) -> list[str]:
    """Slugs of the detections that had to fire, in the order of the report."""
    return [
        entry.slug
        for entry in report.detections
        if entry.expected == "fires" and entry.verdict != "not rehearsed"
    ]


def count(number: int, noun: str) -> str:
    """`1 alert`, `2 alerts`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _judged(report: Report) -> str:
    slugs = judged(report)
    fired = sum(
        entry.expected == "fires" and entry.verdict == "pass" for entry in report.detections
    )
    accused = len(report.false_alerts)
    others = f"{count(accused, 'false alert')}" if accused else "nobody else was accused"
    noun = (
        "detection fired on its attack" if len(slugs) == 1 else "detections fired on their attacks"
    )
    return f"{fired} of {len(slugs)} {noun}; {others}."


def _logins(found: LoginsEntry) -> Iterator[str]:
    """How much of the log the detections of sign-ins can read, and which of them see nothing."""
    read = f"{count(found.rows, 'row')} of {' and '.join(found.tables)}"
    source = f"source {' and '.join(found.sources)}"
    if not found.events:
        yield f"None of {read} is a login event ({source}): the detections of sign-ins are blind."
    else:
        verb = "is a login event" if found.events == 1 else "are login events"
        yield f"{found.events:,} of {read} {verb} ({source})."
        for lacking in sorted({each for needs in found.blind.values() for each in needs}):
            slugs = ", ".join(slug for slug, needs in found.blind.items() if lacking in needs)
            yield f"No login event names an {lacking}, so these are blind: {slugs}."
    if found.note:
        yield found.note


def _not_judged(report: Report) -> Iterator[str]:
    """Those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for entry in report.detections:
        if entry.verdict == "not rehearsed":
            by_reason.setdefault(entry.reason, []).append(entry.slug)
    for reason, slugs in by_reason.items():
        yield f"Not judged: {', '.join(slugs)} ({reason})."
