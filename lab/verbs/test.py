"""`lab test`: the cases of detections, with the boundaries made from their heads."""

import json
from typing import Annotated

import typer

from lab.report import voice
from lab.trial import case_run, changes
from lab.trial.case_run import CaseResult
from lab.verbs.exit_code import FAILED, PASSED, WRONG
from lab.verbs.options import Json, Slugs


def command(
    slugs: Slugs = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Try changed rules: does a case notice each?")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what is different from where main was left.")
    ] = False,
    as_json: Json = False,
) -> int:
    """The cases as they are, or those that changed rules need."""
    if mutate:
        from lab.verbs import mutate as mutation

        return mutation.run(slugs or [], changed=changed, as_json=as_json)
    return run(slugs or [], changed=changed, as_json=as_json)


def run(slugs: list[str], *, changed: bool, as_json: bool) -> int:
    """The exit code: 1 when a case did not do what its name says, 2 when one cannot be read."""
    if changed:
        changed_ones = changes.since_main()
        slugs = [slug for slug in changed_ones.slugs if not slugs or slug in slugs]
        if not as_json:
            voice.say(changed_ones.summary())
        if not slugs:
            if as_json:
                voice.give("[]")
            return PASSED
    results = case_run.run(slugs)
    if as_json:
        voice.give(json.dumps([_entry(result) for result in results], indent=1))
    else:
        _show(results)
    if any(result.wrong for result in results):
        return WRONG
    return PASSED if all(result.passed for result in results) else FAILED


def _show(results: list[CaseResult]) -> None:
    """What failed; where nothing did, of a single detection every case."""
    is_one = len({result.slug for result in results}) == 1
    if is_one and all(result.passed for result in results):
        for result in results:
            voice.say(f"pass {result.slug} {result.name}")
    for result in results:
        if not result.passed:
            voice.say(f"fail {result.slug} {result.name}: {result.reason}")
    wrong = sum(result.wrong for result in results)
    failed = sum(not result.passed for result in results) - wrong
    unread = f", {wrong} cannot be read" if wrong else ""
    voice.say(f"{len(results) - failed - wrong} passed, {failed} failed{unread}")


def _entry(result: CaseResult) -> dict[str, object]:
    return {
        "slug": result.slug,
        "case": result.name,
        "generated": result.generated,
        "result": "wrong" if result.wrong else "passed" if result.passed else "failed",
        "reason": result.reason,
        "alerts": result.alerts,
    }
