"""The proof that a run of the cases and a rehearsal give, detection by detection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from components.content import detection
from components.content.attack_coverage import Coverage, Proof, digest, matrix
from components.content.deployed_rule import deployed, without_waiting
from components.content.detection import Detection
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.report.model import Report
from lab.trial.case_run import CaseResult

_SAME: Final = (
    *("frequency", "window", "operator", "threshold", "aggregation", "measure_column"),
    *("dimensions", "periods", "failing_periods"),
)


def digests(rules: Mapping[str, AlertRule]) -> dict[str, str]:
    """Slug -> digest, of the deployed rules that are what their detection's file says.

    A stack's override makes another rule: what that one does proves nothing of the library's.
    """
    known = detection.load_all()
    return {
        slug: digest(known[slug])
        for slug, rule in rules.items()
        if slug in known and _is_its_own(rule, AlertRule.from_detection(deployed(known[slug])))
    }


def of_cases(found: Detection, results: Iterable[CaseResult], before: Proof | None) -> Proof:
    """The proof with what the cases of the detection came to; a failed side counts nothing."""
    own = [each for each in results if each.slug == found.slug]
    proof = _of_this_form(found, before)
    return replace(proof, fires=_held(own, "fires_"), silences=_held(own, "silent_"))


def of_rehearsal(
    found: Detection, report: Mapping[str, Any], day: date, before: Proof | None
) -> Proof:
    """The proof with the verdict of a rehearsal's report.json, where it was of this very rule."""
    proof = _of_this_form(found, before)
    if report.get("digests", {}).get(found.slug) != proof.digest:
        return proof
    for entry in report.get("detections", ()):
        if entry["slug"] == found.slug:
            seen = day.isoformat() if entry["verdict"] == "pass" else ""
            if entry["expected"] == "fires":
                proof = replace(proof, fired=seen)
            else:
                proof = replace(proof, silent=seen)
    return proof


def shown_by(
    report: Report, proofs: Mapping[str, Proof], detections: Sequence[Detection], day: date
) -> list[Coverage]:
    """The matrix that a rehearsal's own report shows: its verdict, with the recorded cases."""
    record = report.as_json()
    updated = {
        each.slug: of_rehearsal(each, record, day, proofs.get(each.slug)) for each in detections
    }
    return matrix(detections, updated)


def _of_this_form(found: Detection, before: Proof | None) -> Proof:
    now = digest(found)
    return before if before is not None and before.digest == now else Proof(now)


def _held(results: Iterable[CaseResult], prefix: str) -> int:
    side = [each for each in results if each.name.startswith(prefix)]
    return len(side) if all(each.passed for each in side) else 0


def _is_its_own(rule: AlertRule, expected: AlertRule) -> bool:
    settled = without_waiting(rule.query) == expected.query
    return settled and all(getattr(rule, name) == getattr(expected, name) for name in _SAME)
