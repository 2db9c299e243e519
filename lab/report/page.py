"""report.html: one self-contained page, no script, nothing fetched."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from lab.report import summary
from lab.report.model import AlertEntry, DetectionEntry, Message, Report, Verdict, heading
from lab.report.shorten import text as shortened
from lab.report.terminal import dimensions
from lab.report.timeline import NARROW, WIDE, draw

SHOWN_ALERTS: Final = 8
"""Of one detection; a flood raises hundreds that differ in the address alone."""

_ORDER: Final[tuple[Verdict, ...]] = ("fail", "pass", "not rehearsed")


@dataclass(frozen=True)
class Row:
    """Everything of one detection: what is folded inside its line, too."""

    slug: str
    name: str
    sentence: str
    condition: str
    query: str
    verdict: Verdict
    reasons: tuple[str, ...]
    first: AlertEntry | None
    """Of the alerts on its own attack."""
    alerts: tuple[AlertEntry, ...]
    messages: tuple[Message, ...]


def environment() -> Environment:
    """The design that all pages share: `base.html.jinja` beside this file."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "dimensions": dimensions,
        "heading": heading,
        "seconds": _seconds,
        "shortened": shortened,
        "count": summary.count,
    }
    return made


def render(report: Report, attacks: dict[str, tuple[datetime, datetime]]) -> str:
    """`attacks`: for each scenario the lab times of its first and last request."""
    detections = rows(report)
    slugs = {row.slug for row in detections}
    context: dict[str, Any] = {
        "report": report,
        "sentences": summary.sentences(report),
        "rows": detections,
        "slugs": slugs,
        "others": _first_of_each(report, {message.rule for message in report.messages} - slugs),
        "shown": SHOWN_ALERTS,
        "timelines": [draw(report, attacks, layout) for layout in (WIDE, NARROW)],
    }
    return environment().get_template("page.html.jinja").render(context)


def rows(report: Report) -> list[Row]:
    """A row a detection, those that failed first."""
    known = {rule.slug: rule for rule in report.rules}
    entries = sorted(report.detections, key=lambda entry: entry.slug)
    made = []
    for slug, group in groupby(entries, key=lambda entry: entry.slug):
        rule, of_slug = known.get(slug), list(group)
        made.append(
            Row(
                slug=slug,
                name=rule.name if rule else slug,
                sentence=rule.sentence if rule else "",
                condition=rule.condition if rule else "",
                query=rule.query if rule else "",
                verdict=next(v for v in _ORDER if any(e.verdict == v for e in of_slug)),
                reasons=tuple(entry.reason for entry in of_slug if entry.reason),
                first=_first(of_slug),
                alerts=_own_first(report, slug),
                messages=_first_of_each(report, {slug}),
            )
        )
    return sorted(made, key=lambda row: _ORDER.index(row.verdict))


def _own_first(report: Report, slug: str) -> tuple[AlertEntry, ...]:
    """Those on its own attack, then those on the attacks of others."""
    found = (alert for alert in report.alerts if alert.slug == slug)
    return tuple(sorted(found, key=lambda alert: alert.scenario != slug))


def _first(entries: list[DetectionEntry]) -> AlertEntry | None:
    fired = (alert for entry in entries if entry.expected == "fires" for alert in entry.alerts)
    return next(fired, None)


def _first_of_each(report: Report, rules: set[str]) -> tuple[Message, ...]:
    """Of each rule one message of a kind: the others differ in times and names."""
    found: dict[tuple[str, str], Message] = {}
    for message in report.messages:
        if message.rule in rules:
            found.setdefault((message.rule, message.kind), message)
    return tuple(found.values())


def _seconds(value: float | None) -> str:
    """`7 min 40 s`; an unknown duration is a dash."""
    if value is None:
        return "–"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
