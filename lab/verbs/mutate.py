"""`lab test --mutate`: how many changed copies of the rules the cases notice."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context

from components.content import detection as detections
from lab.host import interruption
from lab.mutation import run as mutation
from lab.mutation.score import AIM, MutantResult, Score, rate
from lab.report import voice
from lab.trial import changes
from lab.verbs import progress
from lab.verbs.exit_code import FAILED, PASSED

WORKERS = 2


def run(slugs: list[str], *, changed: bool, as_json: bool) -> int:
    """0 when each score reaches the aim and every declaration holds; functions without slugs."""
    if changed:
        concerned = changes.since_main().slugs
        slugs = [slug for slug in concerned if not slugs or slug in slugs]
        if not slugs:
            voice.say('{"score": 100.0, "detections": []}' if as_json else "nothing is changed")
            return PASSED
    chosen = detections.choose(slugs or "all")
    users: dict[str, list[str]] = {}
    for detection in chosen if not slugs else ():
        for function in detection.functions:
            if not function.parameters:
                users.setdefault(function.name, []).append(detection.slug)
    with progress.shown() as tell:
        tell("trying mutants", 0.0)
        scores = list(_scores([each.slug for each in chosen], users, tell))
    scores.sort(key=lambda score: score.name)
    if as_json:
        found = {"score": round(rate(scores), 1), "detections": [s.as_json() for s in scores]}
        voice.give(json.dumps(found, indent=1))
    else:
        _show(scores)
    good = all(score.per_cent >= AIM and not score.problems for score in scores)
    return PASSED if good else FAILED


def _scores(slugs: list[str], users: dict[str, list[str]], tell: progress.Tell) -> Iterator[Score]:
    """Each task is a detection: whatever it prepares serves all its mutants."""
    # A process of its own each: DuckDB's threads do not survive a fork.
    spawning = get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawning, initializer=_leave_signals) as pool:
        # A function's declared mutants take the cases of all who use it: the longest tasks begin.
        tasks = [
            *(pool.submit(mutation.function_score, name, using) for name, using in users.items()),
            *(pool.submit(mutation.detection_score, slug) for slug in slugs),
        ]
        try:
            for done, task in enumerate(as_completed(tasks), start=1):
                tell("trying mutants", done / len(tasks))
                yield task.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in active_children():  # a task would run on for minutes
                worker.kill()
            raise


def _leave_signals() -> None:
    """Ctrl-C reaches the workers of a terminal too: whoever started them ends them."""
    for number in interruption.SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _show(scores: list[Score]) -> None:
    for score in scores:
        survivors = [each for each in score.mutants if each.fate == "survived"]
        for each in survivors:
            _survivor(score, each)
        for problem in score.problems:
            voice.say(f"{score.name}: {problem}")
    width = max((len(score.name) for score in scores), default=0)
    for score in scores:
        equivalent = score.count("equivalent")
        said = f", {equivalent} change nothing" if equivalent else ""
        killed, counted = score.count("killed"), score.count("killed", "survived")
        voice.say(f"{score.name:{width}}  {score.per_cent:3.0f} %  {killed} of {counted}{said}")
    killed = sum(score.count("killed") for score in scores)
    counted = sum(score.count("killed", "survived") for score in scores)
    voice.say(f"{'all':{width}}  {rate(scores):3.0f} %  {killed} of {counted}")


def _survivor(score: Score, mutant: MutantResult) -> None:
    where = f"{score.path}:{mutant.line}" if mutant.line else score.path
    voice.say(f"survived {score.name}: {mutant.id} ({where}); a case that would notice:")
    for line in mutant.sketch.splitlines():
        voice.say(f"    {line}")
