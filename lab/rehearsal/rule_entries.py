"""What the judged detections look for, for a reader of the report."""

from collections.abc import Iterable, Mapping

from components.content import detection
from components.content.detection import Detection
from components.limits.alert_rule import in_words
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.report.model import DetectionEntry, RuleEntry
from lab.verdict import comparison


def of(
    entries: Iterable[DetectionEntry], runners: Mapping[str, AlertRuleRunner]
) -> list[RuleEntry]:
    """One for each slug among the entries that the library knows."""
    known = detection.load_all()
    slugs = dict.fromkeys(entry.slug for entry in entries if entry.slug in known)
    return [_entry(known[slug], runners.get(slug)) for slug in slugs]


def _entry(found: Detection, runner: AlertRuleRunner | None) -> RuleEntry:
    window = found.window if runner is None else runner.rule.window_size or found.window
    each = f" for one {' and '.join(found.dimensions)}" if found.dimensions else ""
    return RuleEntry(
        slug=found.slug,
        name=found.name,
        sentence=found.description,
        condition=f"{_measured(found, runner)} within {in_words(window)}{each}",
        query=found.query,
    )


def _measured(found: Detection, runner: AlertRuleRunner | None) -> str:
    """By the stack's threshold, which may not be the library's."""
    column = found.measure_column or "rows"
    rule = found if runner is None else runner.rule
    if found.is_dynamic or rule.threshold is None:
        return f"{column} leaves what Azure has learned for it"
    return f"{column} {comparison.condition(rule.operator, rule.threshold)}"
