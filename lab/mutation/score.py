"""What came of the mutants of a detection or a function."""

from dataclasses import dataclass
from typing import Any, Final, Literal

AIM: Final = 95.0
"""Per cent of the mutants that cases should kill."""

Fate = Literal["killed", "survived", "equivalent", "invalid"]


@dataclass(frozen=True)
class MutantResult:
    """`by` is the case that killed it, the reason for which it is equivalent, or the error that
    makes it no rule at all; `sketch` a case that would kill a survivor."""

    id: str
    kind: str
    line: int | None
    fate: Fate
    by: str = ""
    sketch: str = ""


@dataclass(frozen=True)
class Score:
    """`problems` are declarations that no longer hold and cases that fail without any mutant."""

    name: str
    path: str
    mutants: tuple[MutantResult, ...]
    problems: tuple[str, ...] = ()

    def count(self, *fates: Fate) -> int:
        return sum(each.fate in fates for each in self.mutants)

    @property
    def per_cent(self) -> float:
        """Killed, of those that could be."""
        return rate([self])

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "path": self.path,
            "score": round(self.per_cent, 1),
            "problems": list(self.problems),
            "mutants": [
                {name: value for name, value in vars(each).items() if value not in ("", None)}
                for each in self.mutants
            ],
        }


def rate(scores: list[Score]) -> float:
    """The score of several together; 100 when there is nothing to kill."""
    killed = sum(each.count("killed") for each in scores)
    counted = killed + sum(each.count("survived") for each in scores)
    return 100 * killed / counted if counted else 100.0
