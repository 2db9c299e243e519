"""Which threshold would tell attacks from ordinary traffic, by what the rule has measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from lab.judge.trial import Judged, SceneResult


@dataclass(frozen=True)
class Separation:
    """A threshold with what it would do: scenes of attacks caught, ordinary ones accused."""

    threshold: float
    caught: int
    accused: int


def best(found: Judged) -> Separation | None:
    """The threshold that tells the two apart best; None without a choice.

    Best: the share of the attacks caught less twice the share of the ordinary scenes accused is
    highest (Youden's index, an accusation weighing double), the lower one where two are equal.

    What was nearest to the old threshold in each scene says what any other makes of it, as long as
    one period decides.
    """
    rule = found.rule
    if not rule.operator.startswith("GreaterThan") or rule.failing_periods != 1:
        return None
    attacks, ordinary = _values(found.of("attack")), _values(found.of("ordinary", "day"))
    if not attacks:
        return None
    strict = rule.operator == "GreaterThan"
    choices = sorted({0.0, *(_whole(value) for value in ordinary), rule.threshold})
    options = []
    for value in choices:
        threshold = value if strict else value + 1
        options.append(
            Separation(
                threshold,
                sum(each > value for each in attacks),
                sum(each > value for each in ordinary),
            )
        )
    catching = [each for each in options if each.caught]
    if not catching:
        return None
    return max(catching, key=lambda each: (_index(each, attacks, ordinary), -each.threshold))


def _index(each: Separation, attacks: Sequence[float], ordinary: Sequence[float]) -> float:
    return each.caught / len(attacks) - 2 * each.accused / max(1, len(ordinary))


def _values(results: Sequence[SceneResult]) -> list[float]:
    return [each.closest.value for each in results if each.closest is not None]


def _whole(value: float) -> float:
    """Thresholds are numbers that somebody types."""
    return float(floor(value)) if value == floor(value) else round(value, 2)
