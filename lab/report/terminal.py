"""The verdict as a reader of the terminal sees it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from lab.report import summary, voice
from lab.report.model import AlertEntry, DetectionEntry, Report, Verdict, heading
from lab.report.plain_text import plain, printable

WIDE: Final = 130
"""Columns from which on a line has room for whom an alert is and who was told."""

_STYLES: Final[Mapping[Verdict, str]] = {
    "pass": "green",
    "fail": "bold red",
    "not rehearsed": "yellow",
}


def show(report: Report) -> None:
    """Prints the table, what went wrong, the figures, and the verdict in a sentence."""
    wide = voice.out.width >= WIDE
    voice.show(_verdicts(report, wide=wide) if report.detections else _alerts(report))
    if report.detections:
        voice.say("+: lab time from the event that crossed the threshold to the alert", "dim")
    for entry in report.detections:
        if entry.verdict == "fail":
            voice.say(f"{entry.slug}: {entry.reason}", _STYLES["fail"])
    for alert in report.false_alerts:
        voice.say(f"false alert: {alert.slug} for {dimensions(alert.dimensions)}", "red")
    for violation in report.violations:
        style = "red" if violation.level == "mandatory" else "yellow"
        voice.say(f"{violation.level} policy: {violation.message}", style)
    for notice in report.notices:
        voice.say(f"note: {notice}", "yellow")
    if report.platform_alerts:
        voice.say(_platform(report.platform_alerts))
    if report.policy:
        voice.say(report.policy, "dim")
    voice.say(_figures(report), "dim")
    if report.cost is not None:
        # `lab cost` knows the stacks of this repository's own program.
        more = "" if report.program else f" (python -m lab cost -s {report.stack})"
        voice.say(f"{report.cost['summary']}{more}", "dim")
    first, *others = summary.sentences(report)
    for sentence in others:
        voice.say(sentence)
    if report.detections:
        voice.say(first, "bold green" if report.passed else "bold red")


def _platform(alerts: Iterable[AlertEntry]) -> str:
    """`platform alerts: client-errors, unauthorized (2), sent 3 email, 3 webhook`."""
    every = tuple(alerts)
    times = Counter(alert.slug for alert in every)
    names = ", ".join(f"{name} ({n})" if n > 1 else name for name, n in times.items())
    return f"platform alerts: {names}; sent {_delivered(every)}"


def dimensions(values: Mapping[str, str]) -> str:
    """`SrcIpAddr 203.0.113.7`; a rule without dimensions watches the whole app."""
    return ", ".join(f"{key} {value}" for key, value in values.items()) or "the whole app"


def _verdicts(report: Report, *, wide: bool) -> Table:
    """A line for each detection; for whom it fired and who was told, where there is room."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("detection", no_wrap=True)
    table.add_column("its attack", no_wrap=True)
    for column in ("for", "sent") if wide else ():
        table.add_column(column, overflow="fold")
    table.add_column("ordinary", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    by_slug: dict[str, list[DetectionEntry]] = {}
    for entry in report.detections:
        by_slug.setdefault(entry.slug, []).append(entry)
    for slug, entries in sorted(by_slug.items()):
        verdict = _worst(entries)
        attacked = [entry for entry in entries if entry.expected == "fires"]
        whom = [_joined(_whom, attacked), _joined(_sent, attacked)] if wide else []
        table.add_row(
            plain(slug),
            _joined(_attack, attacked),
            *whom,
            _joined(_ordinary, [entry for entry in entries if entry.expected == "silent"]),
            plain("–" if verdict == "not rehearsed" else verdict, _STYLES[verdict]),
        )
    return table


def _joined(cell: Callable[[DetectionEntry], str], entries: Iterable[DetectionEntry]) -> Text:
    return plain("\n".join(cell(entry) for entry in entries))


def _worst(entries: list[DetectionEntry]) -> Verdict:
    verdicts: tuple[Verdict, ...] = ("fail", "not rehearsed")
    seen = {entry.verdict for entry in entries}
    return next((verdict for verdict in verdicts if verdict in seen), "pass")


def _attack(entry: DetectionEntry) -> str:
    """`fired +302 s`."""
    if entry.verdict == "not rehearsed":
        return "not judged"
    if not entry.alerts:
        return "no alert"
    latency = entry.alerts[0].latency_s
    return "fired" if latency is None else f"fired +{latency:.0f} s"


def _whom(entry: DetectionEntry) -> str:
    """`203.0.113.7 and 2 more`, by the first alert."""
    if not entry.alerts:
        return ""
    more = f" and {len(entry.alerts) - 1} more" if len(entry.alerts) > 1 else ""
    values = entry.alerts[0].dimensions.values()
    return (", ".join(printable(value) for value in values) or "the whole app") + more


def _sent(entry: DetectionEntry) -> str:
    return _delivered(entry.alerts) if entry.alerts else ""


def _ordinary(entry: DetectionEntry) -> str:
    return f"{len(entry.alerts)} false" if entry.alerts else "silent"


def _delivered(alerts: Iterable[AlertEntry]) -> str:
    kinds = Counter(
        delivery.kind
        for alert in alerts
        for delivery in alert.delivered
        if delivery.condition == "Fired" and delivery.status == "delivered"
    )
    return ", ".join(f"{number} {kind}" for kind, number in kinds.items()) or "to nobody"


def _alerts(report: Report) -> Table:
    title = summary.count(len(report.alerts), "alert")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for name in ("fired", "resolved", "rule", "severity", "for whom", "value"):
        table.add_column(name, overflow="fold")
    for alert in report.alerts:
        table.add_row(
            f"{alert.fired_at:%Y-%m-%d %H:%M:%S}",
            f"{alert.resolved_at:%H:%M:%S}" if alert.resolved_at else "-",
            plain(alert.slug),
            f"Sev{alert.severity}",
            plain(dimensions(alert.dimensions)),
            f"{alert.value:g}",
        )
    return table


def _figures(report: Report) -> str:
    figures = {heading(name): f"{value:,}" for name, value in report.figures.items()}
    figures |= {
        "alerts": f"{len(report.alerts)}, sent {_delivered(report.alerts)}",
        "false alerts": str(len(report.false_alerts)),
    }
    return " · ".join(f"{name} {value}" for name, value in figures.items())
