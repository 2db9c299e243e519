"""Whether what runs is what the program says: a plan after a refresh, without the false alarms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.known_diff import KnownDiff
from pipeline.markdown import code
from pipeline.plan import Plan, Step


@dataclass(frozen=True)
class Drift:
    """Steps that somebody has to look at, and the differences that are known to mean nothing."""

    steps: Sequence[Step]
    errors: Sequence[str]
    quiet: Sequence[tuple[Step, str, KnownDiff]]
    """Step, path, and why it says nothing."""

    @property
    def is_there(self) -> bool:
        return bool(self.steps or self.errors)


def found_in(plan: Plan, known: Sequence[KnownDiff]) -> Drift:
    """An update loses the paths that are known; what then is left, is drift."""
    steps: list[Step] = []
    quiet: list[tuple[Step, str, KnownDiff]] = []
    for step in plan.steps:
        covered = dict(_covered(step, known))
        quiet += [(step, path, entry) for path, entry in covered.items()]
        rest = tuple(path for path in step.paths if path not in covered)
        if rest or not covered:
            steps.append(Step(step.op, step.type, step.name, rest))
    return Drift(steps, plan.errors, quiet)


def _covered(step: Step, known: Sequence[KnownDiff]) -> Iterator[tuple[str, KnownDiff]]:
    """Only an update can be a false alarm: a resource that comes or goes is real."""
    if step.op != "update":
        return
    for path in step.paths:
        entry = next((each for each in known if each.covers(step.type, path)), None)
        if entry is not None:
            yield path, entry


def report(drift: Drift, stack: str) -> str:
    """Markdown for the issue and for the run's summary."""
    if not drift.is_there:
        lines = [f"Stack {code(stack)} is as the program says."]
    else:
        lines = [
            f"What runs of stack {code(stack)} is not what the program says. `pulumi up` would put"
            " it back; or bring the change into the program.",
            "",
            *(f"- {_in_words(step)}" for step in drift.steps),
            *(f"- the preview failed: {code(error)}" for error in drift.errors),
        ]
    if drift.quiet:
        lines += ["", "Known to mean nothing, and left out:", ""]
        lines += [
            f"- {code(step.name)} {code(path)}: {entry.reason} ({entry.source})"
            for step, path, entry in drift.quiet
        ]
    return "\n".join(lines) + "\n"


def _in_words(step: Step) -> str:
    where = f": {', '.join(code(path) for path in step.paths)}" if step.paths else ""
    return f"**{step.op}** {code(step.name)} ({code(step.type)}){where}"
