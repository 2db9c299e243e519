"""`lab test`: the cases of detections, with the boundaries made from their heads."""

import json

from rich.console import Console

from lab.report.plain_text import plain
from lab.trial import case_run, changes
from lab.trial.case_run import CaseResult

PASSED, FAILED, WRONG = 0, 1, 2


def run(slugs: list[str], *, changed: bool, as_json: bool, out: Console) -> int:
    """The exit code: 1 when a case did not do what its name says, 2 when one cannot be read."""
    if changed:
        found = changes.since_main()
        slugs = [slug for slug in found.slugs if not slugs or slug in slugs]
        if not as_json:
            _say(out, found.summary())
        if not slugs:
            if as_json:
                _say(out, "[]")
            return PASSED
    results = case_run.run(slugs)
    if as_json:
        _say(out, json.dumps([_entry(each) for each in results], indent=1))
    else:
        _show(results, out)
    if any(result.wrong for result in results):
        return WRONG
    return PASSED if all(result.passed for result in results) else FAILED


def _show(results: list[CaseResult], out: Console) -> None:
    for result in results:
        if not result.passed:
            _say(out, f"fail {result.slug} {result.name}: {result.reason}")
    wrong = sum(result.wrong for result in results)
    failed = sum(not result.passed for result in results) - wrong
    unread = f", {wrong} cannot be read" if wrong else ""
    _say(out, f"{len(results) - failed - wrong} passed, {failed} failed{unread}")


def _entry(result: CaseResult) -> dict[str, object]:
    return {
        "slug": result.slug,
        "case": result.name,
        "generated": result.generated,
        "result": "wrong" if result.wrong else "passed" if result.passed else "failed",
        "reason": result.reason,
        "alerts": result.alerts,
    }


def _say(out: Console, text: str) -> None:
    out.print(plain(text), soft_wrap=True, highlight=False)
