"""Detections of the library that a rehearsal of a whole stack says nothing about, and why."""

from components.content import detection, login_sources
from components.content.detection import OPTIONAL_TABLES, Detection
from components.content.login_sources import DEFAULT
from lab.azure import Azure
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.rehearsal import deployed_detections
from lab.report.model import DetectionEntry


def entries(azure: Azure) -> list[DetectionEntry]:
    """Those that are switched off, and those whose tables this stack does not fill.

    What the stack's settings do not choose is no news to who wrote them.
    """
    off = deployed_detections.slugs(azure, enabled=False)
    deployed = {*off, *deployed_detections.slugs(azure, enabled=True)}
    deployed |= set(deployed_detections.learning(azure))
    reasons = dict.fromkeys(off, "switched off in this stack")
    rules = [runner.rule for runner in azure.service(Evaluator).runners.values()]
    sources = login_sources.read_by(rule.query for rule in rules) or DEFAULT
    for slug, found in detection.load_all(sources=sources).items():
        if slug not in deployed and (lack := _lacking(found)):
            reasons[slug] = lack
    return [
        DetectionEntry(slug, slug, "fires", (), "not rehearsed", reason)
        for slug, reason in sorted(reasons.items())
    ]


def _lacking(found: Detection) -> str:
    if found.lack:
        return found.lack.reason
    tables = [table for table in found.tables if table in OPTIONAL_TABLES]
    if not tables:
        return ""
    sources = (OPTIONAL_TABLES[table].partition(" (")[0] for table in tables)
    return f"needs {' and '.join(sources)}; this stack has none"
