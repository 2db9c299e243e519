"""The verdict as a reader of the terminal sees it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from lab.report.model import AlertEntry, DetectionEntry, Report, Verdict, heading
from lab.report.plain_text import plain, printable

NARROW: Final = ("detection", "its attack")
WIDE: Final = 130
"""Columns from which on a line has room for whom an alert is and who was told."""

_STYLES: dict[Verdict, str] = {"pass": "green", "fail": "bold red", "not rehearsed": "yellow"}


def show(report: Report, console: Console) -> None:
    """Prints the verdict table, what went wrong, and the figures."""
    wide = console.width >= WIDE
    console.print(_verdicts(report, wide=wide) if report.detections else _alerts(report))
    for alert in report.platform_alerts:
        console.print(plain(_platform(alert)))
    for notice in report.notices:
        console.print(plain(f"note: {notice}", "yellow"))
    for each in report.violations:
        style = "red" if each.level == "mandatory" else "yellow"
        console.print(plain(f"{each.level} policy: {each.message}", style))
    if report.policy:
        console.print(plain(report.policy, "dim"))
    for alert in report.false_alerts:
        console.print(plain(f"false alert: {alert.slug} for {dimensions(alert.dimensions)}", "red"))
    console.print(plain(_figures(report), "dim"))
    if report.cost is not None:
        console.print(plain(str(report.cost["summary"]), "dim"))


def _platform(alert: AlertEntry) -> str:
    """`platform alert: client-errors fired 07:46:00 (Sev3), resolved 07:58:00, sent 1 webhook`."""
    end = f"resolved {alert.resolved_at:%H:%M:%S}" if alert.resolved_at else "not resolved"
    fired = f"fired {alert.fired_at:%H:%M:%S} (Sev{alert.severity})"
    return f"platform alert: {alert.slug} {fired}, {end}, sent {_delivered((alert,))}"


def dimensions(values: Mapping[str, str]) -> str:
    """`SrcIpAddr 203.0.113.7`; a rule without dimensions watches the whole app."""
    return ", ".join(f"{key} {value}" for key, value in values.items()) or "the whole app"


def _verdicts(report: Report, *, wide: bool) -> Group:
    """A line for each detection; for whom it fired and who was told, where there is room."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="Verdict", title_justify="left")
    for column in ("detection", "its attack", *(("for", "sent") if wide else ())):
        table.add_column(column, no_wrap=column in NARROW, overflow="fold")
    table.add_column("ordinary", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    by_slug: dict[str, list[DetectionEntry]] = {}
    for entry in report.detections:
        by_slug.setdefault(entry.slug, []).append(entry)
    for slug, entries in sorted(by_slug.items()):
        verdict = _worst(entries)
        attacked = [entry for entry in entries if entry.expected == "fires"]
        told = [_joined(_whom, attacked), _joined(_sent, attacked)] if wide else []
        table.add_row(
            plain(slug),
            _joined(_attack, attacked),
            *told,
            _joined(_ordinary, [entry for entry in entries if entry.expected == "silent"]),
            plain("–" if verdict == "not rehearsed" else verdict, _STYLES[verdict]),
        )
    key = plain("+: lab time from the event that crossed the threshold to the alert", "dim")
    number = "1 alert" if len(report.alerts) == 1 else f"{len(report.alerts)} alerts"
    sent = plain(f"{number}, sent {_delivered(tuple(report.alerts))}", "dim")
    reasons = [
        plain(f"{entry.slug}, {entry.scenario}: {entry.reason}", _STYLES[entry.verdict])
        for entry in report.detections
        if entry.verdict != "pass"
    ]
    failed = dict.fromkeys(entry.slug for entry in report.detections if entry.verdict == "fail")
    asked = [plain(f"next: python -m lab explain {slug} --rehearsal") for slug in failed]
    return Group(table, key, sent, *reasons, *asked)


def _joined(cell: Callable[[DetectionEntry], str], entries: Iterable[DetectionEntry]) -> Text:
    return plain("\n".join(cell(entry) for entry in entries))


def _worst(entries: list[DetectionEntry]) -> Verdict:
    verdicts: tuple[Verdict, ...] = ("fail", "not rehearsed")
    seen = {entry.verdict for entry in entries}
    return next((each for each in verdicts if each in seen), "pass")


def _attack(entry: DetectionEntry) -> str:
    """`fired +302 s`."""
    if entry.verdict == "not rehearsed":
        return entry.verdict
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


def _delivered(alerts: tuple[AlertEntry, ...]) -> str:
    counts: dict[str, int] = {}
    for alert in alerts:
        for delivery in alert.delivered:
            if delivery.condition == "Fired" and delivery.status == "delivered":
                counts[delivery.kind] = counts.get(delivery.kind, 0) + 1
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "to nobody"


def _alerts(report: Report) -> Table:
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, title=f"{len(report.alerts)} alerts", title_justify="left"
    )
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
    figures["false alerts"] = str(len(report.false_alerts))
    return " · ".join(f"{name} {value}" for name, value in figures.items())
