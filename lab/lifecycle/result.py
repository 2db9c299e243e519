"""What came of each step, for people and for programs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["survived", "refused", "named", "failed"]


@dataclass(frozen=True)
class StepResult:
    """One step. `expected` and `unexpected` are resources that were replaced."""

    name: str
    kind: Literal["life", "setting", "fault"]
    changed: int
    expected: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    downtime_s: float = 0.0
    lost_rows: int = 0
    verdict: Verdict = "survived"
    problems: tuple[str, ...] = ()
    """Why it failed; of a refusal that was expected, its words."""
    seconds: float = 0.0


@dataclass
class Lifetime:
    """All of them, in order."""

    stack: str
    engine: str
    steps: list[StepResult] = field(default_factory=list)
    untried: tuple[str, ...] = ()
    """Settings for which no other value is known."""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing failed, and every setting was tried."""
        return not self.untried and all(each.verdict != "failed" for each in self.steps)

    @property
    def figures(self) -> dict[str, float]:
        """What a reader compares from run to run."""
        settings = self._by_setting()
        faults = _verdicts([each for each in self.steps if each.kind == "fault"])
        return {
            "steps": len(self.steps),
            "settings_tried": settings.total(),
            "settings_survived": settings["survived"],
            "settings_refused": settings["refused"],
            "replacements_expected": sum(len(each.expected) for each in self.steps),
            "replacements_unexpected": sum(len(each.unexpected) for each in self.steps),
            "faults_injected": faults.total(),
            "faults_survived": faults["survived"],
            "faults_named": faults["named"],
            "seconds": round(self.seconds, 1),
        }

    def _by_setting(self) -> Counter[str]:
        """Of its two changes, to another value and back, the worse one counts."""
        order: Sequence[Verdict] = ("survived", "refused", "failed")
        found: dict[str, Verdict] = {}
        for each in self.steps:
            if each.kind == "setting":
                key = each.name.partition(":")[0]
                found[key] = max(found.get(key, "survived"), each.verdict, key=order.index)
        return Counter(found.values())

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "version": 1,
            "stack": self.stack,
            "engine": self.engine,
            "passed": self.passed,
            "figures": self.figures,
            "untried": list(self.untried),
            "steps": [asdict(each) for each in self.steps],
        }


def _verdicts(steps: Sequence[StepResult]) -> Counter[str]:
    return Counter(each.verdict for each in steps)
