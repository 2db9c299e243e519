"""The judgment on one rule: its verdict, its figures, its price, and what would be better."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from components.limits.refusal import Place, Refusal, RefusedError
from lab.cost import alert_price, price_list
from lab.exchange.foreign_rule import ForeignRule, names_of
from lab.judge import advice as advices
from lab.judge import own_lint, trial
from lab.judge import threshold as thresholds
from lab.judge.advice import Advice
from lab.judge.own_lint import Linted
from lab.judge.scenes import Scene
from lab.judge.trial import Judged, Row, SceneResult
from lab.logs.log_tables import LogTables

Progress = Callable[[float], object]

NEVER: Final = "can never fire"
EVERYTHING: Final = "fires on everything"
NOTHING: Final = "catches nothing"
ACCUSES: Final = "accuses innocent people"
SOUND: Final = "sound"


@dataclass(frozen=True)
class Retrial:
    """What the rule with the first better line does."""

    caught: int
    accused: int
    alerts_a_day: float
    threshold: float


@dataclass(frozen=True)
class Judgment:
    """Everything that is told of one rule."""

    own: ForeignRule
    found: Judged
    linted: Linted
    advice: Sequence[Advice]
    retrial: Retrial | None

    @property
    def verdict(self) -> str:
        """In three words or so."""
        kinds = {each.kind for each in self.advice}
        if kinds & {"nothing-fills-its-table", "can-never-fire"}:
            return NEVER
        if advices.fires_on_everything(self.found):
            return EVERYTHING
        if not self.caught:
            return NOTHING
        return ACCUSES if self.found.accused else SOUND

    @property
    def is_sound(self) -> bool:
        return self.verdict == SOUND

    @property
    def caught(self) -> list[SceneResult]:
        """Recorded attacks in which it fired."""
        return [each for each in self.found.of("attack") if each.fired]

    @property
    def missed(self) -> list[SceneResult]:
        """Recorded attacks whose rows it read, without an alert."""
        return [each for each in self.found.of("attack") if not each.fired]

    @property
    def monthly(self) -> float:
        """In the price list's currency: the rule, and a few time series where it is split."""
        frequency = str(self.own.given.get("evaluationFrequency", "PT5M"))
        series = alert_price.expected_series(names_of(self.own.given))
        return alert_price.log_alert(frequency, series).monthly

    @property
    def currency(self) -> str:
        return price_list.load().currency

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        rule = self.found.rule
        return {
            "name": self.own.name,
            "file": self.own.place.file,
            "line": self.own.place.line,
            "form": self.own.form,
            "condition": {
                "aggregation": rule.aggregation,
                "measure": rule.measure_column or "rows",
                "operator": rule.operator,
                "threshold": rule.threshold,
                "window": self.own.given.get("windowSize", "PT5M"),
                "frequency": self.own.given.get("evaluationFrequency", "PT5M"),
                "dimensions": list(rule.splits),
                "failing_periods": {"min": rule.failing_periods, "of": rule.periods},
            },
            "tables": sorted(self.found.tables),
            "verdict": self.verdict,
            "caught": _by_attack(self.caught, self.found.of("attack")),
            "missed": _by_attack(self.missed, self.found.of("attack")),
            "unseen": sorted(
                {each.attack for each in self.found.blind}
                - {each.scene.attack for each in self.found.of("attack")}
            ),
            "also_fires_on": _by_attack(
                [each for each in self.found.of("trouble") if each.fired], self.found.of("trouble")
            ),
            "accused": [
                {
                    "scene": each.scene.title,
                    "case": each.scene.case.where,
                    "alerts": len(each.alerts),
                    "whom": each.alerts[0].dimensions,
                    "value": each.alerts[0].value,
                    "result": list(each.result),
                    "rows": list(each.raw),
                }
                for each in self.found.accused
            ],
            "ordinary_scenes": len(self.found.of("ordinary", "day")),
            "alerts_a_day": round(self.found.alerts_a_day, 2),
            "share_of_time_fired": round(self.found.time_fired, 3),
            "monthly": {"amount": round(self.monthly, 2), "currency": self.currency},
            "advice": [
                {
                    "kind": each.kind,
                    "what": each.what,
                    "better": each.better,
                    "rows": list(each.rows),
                }
                for each in self.advice
            ],
            "with_the_first": None if self.retrial is None else vars(self.retrial),
            "remarks": [vars(each) for each in self.linted.remarks],
        }


def judge(
    own: ForeignRule, scenes: list[Scene], progress: Progress = lambda share: None
) -> Judgment:
    """The rule over all scenes, then with the first better line; RefusedError where it is none."""
    tables = LogTables()
    try:
        rule = own.rule(tables)
    finally:
        tables.close()
    if rule.sensitivity is not None:
        where = Place(own.place.file, own.place.line, property="alertSensitivity")
        what = "cannot be judged: Azure learns such a threshold from three days of the app's own"
        raise RefusedError(Refusal(where, what, "expected a static threshold, or --threshold"))
    found = trial.run(rule, scenes, lambda share: progress(share * 0.6))
    linted = own_lint.lint(own, rule, found.tables)
    advice = advices.give(own, found, linted, scenes)
    retrial = _again(own, advice, scenes, lambda share: progress(0.6 + share * 0.4))
    return Judgment(own, found, linted, advice, retrial)


def _again(
    own: ForeignRule, advice: Sequence[Advice], scenes: list[Scene], progress: Progress
) -> Retrial | None:
    changed = advice[0].changed(own) if advice else None
    if changed is None:
        return None
    tables = LogTables()
    try:
        rule = changed.rule(tables)
    except RefusedError:  # a guess at somebody's text that does not fit it
        return None
    finally:
        tables.close()
    found = trial.run(rule, scenes, progress)
    choice = thresholds.best(found)
    now = thresholds.Separation(
        rule.threshold,
        sum(each.fired for each in found.of("attack")),
        len(found.accused),
    )
    if choice is None or choice.accused >= now.accused:
        return Retrial(now.caught, now.accused, round(found.alerts_a_day, 2), now.threshold)
    return Retrial(choice.caught, choice.accused, _daily(found, choice.threshold), choice.threshold)


def _daily(found: Judged, threshold: float) -> float:
    """Alerts a day at another threshold: of those raised now, the ones beyond it."""
    strict = found.rule.operator == "GreaterThan"
    beyond = [
        alert
        for each in found.of("day")
        for alert in each.alerts
        if (alert.value > threshold if strict else alert.value >= threshold)
    ]
    return round(len(beyond) / found.days, 2) if found.days else 0.0


def _by_attack(some: Sequence[SceneResult], whole: Sequence[SceneResult]) -> list[dict[str, Any]]:
    """One entry an attack: how many of its recorded scenes, and the rows of the first."""
    found = []
    for slug in dict.fromkeys(each.scene.attack for each in some):
        own = [each for each in some if each.scene.attack == slug]
        first = next((each for each in own if each.raw), own[0])
        entry: dict[str, Any] = {
            "attack": slug,
            "scenes": len(own),
            "of": sum(each.scene.attack == slug for each in whole),
            "scene": first.scene.title,
            "case": first.scene.case.where,
            "result": _rows(first.result),
            "rows": _rows(first.raw),
        }
        if first.alerts:
            entry["whom"] = first.alerts[0].dimensions
            entry["value"] = first.alerts[0].value
        elif first.closest is not None:
            entry["nearest"] = first.closest.value
        found.append(entry)
    return found


def _rows(rows: Sequence[Row]) -> list[Row]:
    return list(rows)
