"""Tries the mutants of detections on their cases, until a case notices."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from components.content import detection as detections
from components.content.detection import Detection
from components.content.kql_function import FUNCTIONS
from components.content.places import CASES
from components.limits.refusal import RefusedError, shown
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.cases import boundary_seed
from lab.mutation import declared, mutant, sketch
from lab.mutation.mutant import Mutant
from lab.mutation.score import MutantResult, Score
from lab.trial import case_run
from lab.trial.case_trial import CaseTrial


class Bench:
    """A detection and its cases, ready for any number of rules."""

    def __init__(self, detection: Detection, folder: Path) -> None:
        self.detection = detection
        self.folder = folder
        self.problems: list[str] = []
        found, broken = case_run.load(detection, folder)
        self.problems += [each.reason for each in broken]
        self.trial = CaseTrial(case_run.prepare(found))
        self.rule = AlertRule.from_detection(detection)
        self._useful: list[int] = []
        self._kills: Counter[int] = Counter()
        numbers = sorted(range(len(self.trial.cases)), key=self.trial.length)
        for number, outcome in self.trial.outcomes(self.rule, numbers):
            if reason := outcome.reason(self.trial.cases[number], self.rule):
                self.problems.append(f"fails without any change: {reason}")
            else:
                self._useful.append(number)

    def killer(self, changed: Mutant) -> tuple[str, str]:
        """The name of a case that notices, and an error when there is no such rule."""
        if changed.kind == "filter" and self._useful:
            # To ask DuckDB for the columns of a long query takes as long as to plan it.
            self.trial.tables.take_shape(changed.rule.query, like=self.rule.query)
        # Who noticed one change often notices the next; who has many rows takes long.
        self._useful.sort(key=lambda each: (1 + self.trial.length(each)) / (1 + self._kills[each]))
        for number, outcome in self.trial.outcomes(changed.rule, self._useful):
            if outcome.error:
                return "", outcome.error
            case = self.trial.cases[number]
            if outcome.reason(case, self.rule):
                self._kills[number] += 1
                return case.name, ""
        return "", ""

    def close(self) -> None:
        self.trial.close()


def detection_score(slug: str, folder: Path = CASES, *, only_declared: bool = False) -> Score:
    """The score of one detection; RefusedError when its declarations cannot be read.

    `only_declared` tries only those that are said to change nothing.
    """
    detection = detections.load(slug)
    known = declared.read(folder / slug)
    bench = Bench(detection, folder / slug)
    try:
        mutants = mutant.of_detection(detection, _worth(detection, folder / slug))
        if only_declared:
            mutants = [each for each in mutants if each.id in known]
        results = [_tried([each], [bench], known) for each in mutants]
    finally:
        bench.close()
    problems = [*bench.problems, *_stale(known, results, shown(folder / slug / declared.FILE))]
    return Score(slug, shown(detection.path), tuple(results), tuple(problems))


def function_score(name: str, users: Sequence[str], folder: Path = CASES) -> Score:
    """The score of a function: a mutant is killed when a case of any of its users notices."""
    found = [detections.load(slug) for slug in users]
    function = next(each for each in found[0].functions if each.name == name)
    prefix = f"{name}: "
    known = {
        each: reason for each, reason in declared.read(folder).items() if each.startswith(prefix)
    }
    of_each = [mutant.of_function(function, each) for each in found]
    benches: list[Bench] = []

    def opened() -> Iterator[Bench]:
        # To prepare the cases of a user takes longer than to try a mutant on them.
        for number, each in enumerate(found):
            if number == len(benches):
                benches.append(Bench(each, folder / each.slug))
            yield benches[number]

    try:
        results = [
            _tried(versions, opened(), known, qualified=len(found) > 1)
            for versions in zip(*of_each, strict=True)
        ]
    finally:
        for bench in benches:
            bench.close()
    problems = _stale(known, results, shown(folder / declared.FILE))
    return Score(name, shown(FUNCTIONS / f"{name}.kql"), tuple(results), tuple(problems))


def _tried(
    versions: Sequence[Mutant],
    benches: Iterable[Bench],
    known: dict[str, str],
    *,
    qualified: bool = False,
) -> MutantResult:
    """The fate of one change, of which each bench has a version of its own."""
    changed = versions[0]
    seen: list[Bench] = []
    for version, bench in zip(versions, benches, strict=True):
        seen.append(bench)
        name, error = bench.killer(version)
        if error:
            return MutantResult(changed.id, changed.kind, changed.line, "invalid", error)
        if name:
            by = f"{bench.detection.slug}/{name}" if qualified else name
            return MutantResult(changed.id, changed.kind, changed.line, "killed", by)
    if changed.id in known:
        reason = known[changed.id]
        return MutantResult(changed.id, changed.kind, changed.line, "equivalent", reason)
    text = sketch.of(changed, seen[0].detection, seen[0].folder)
    return MutantResult(changed.id, changed.kind, changed.line, "survived", sketch=text)


def _stale(known: dict[str, str], results: Iterable[MutantResult], where: str) -> list[str]:
    fates = {each.id: each for each in results}
    found = []
    for name in known:
        if name not in fates:
            found.append(f"mutant {name!r} is declared and does not exist ({where})")
        elif fates[name].fate != "equivalent":
            found.append(
                f"mutant {name!r} is declared to change nothing, and {fates[name].by} notices it"
                f" ({where})"
            )
    return found


def _worth(detection: Detection, folder: Path) -> float:
    """The measure of one unit of evidence; 1 where the seed cannot be read."""
    try:
        return boundary_seed.read(folder / boundary_seed.FILE, detection.dimensions).worth
    except RefusedError:
        return 1.0
