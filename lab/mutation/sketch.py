"""A case that would kill a surviving mutant: tried ones first, else as YAML to begin with."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import yaml

from components.content.detection import Detection
from components.limits.refusal import RefusedError
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.cases import boundary_seed
from lab.cases.boundary_seed import BoundarySeed
from lab.cases.case_file import Case
from lab.mutation.mutant import Mutant
from lab.trial import case_run
from lab.trial.case_trial import CaseTrial

_COLUMN: Final = re.compile(r"\b([A-Z][A-Za-z]+)\b")
_TEXT: Final = re.compile(r'@?"((?:[^"\\]|\\.)*)"')
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_OTHERS: Final[Mapping[str, tuple[object, ...]]] = {
    "EventResult": ("Success", "Failure"),
    "EventType": ("Logoff", "Elevate"),
    "EventResultDetails": ("No such user", "Incorrect password"),
    "EventOriginalResultDetails": ("RateLimited",),
    "CsMethod": ("POST", "HEAD", "PUT"),
    "ScStatus": (200, 302, 401, 403, 404, 429, 500),
}

_NEVER_EMPTY: Final = ("EventType", "EventResult", "ScStatus")


def of(changed: Mutant, detection: Detection, folder: Path) -> str:
    """YAML whose first line says what it is; made of units of the boundary seed."""
    try:
        seed = boundary_seed.read(folder / boundary_seed.FILE, detection.dimensions)
    except RefusedError as error:
        return f"# {error}"
    least = _units(detection, seed)
    if changed.kind != "filter":
        return _about(changed, detection, seed, least)
    candidates = list(_candidates(changed.removed, seed))
    found = _verdicts(changed, detection, [seed.with_values(each) for each in candidates], least)
    for values, (fires, mutant_fires) in zip(candidates, found, strict=True):
        if fires != mutant_fires:
            name, key = ("fires", "like") if fires else ("silent", "unlike")
            short = yaml.safe_dump([values], default_flow_style=True, sort_keys=False).strip()
            place = "" if seed.before else f"{name}_<sentence>.yaml, or "
            return (
                f"# tried: {place}in boundary.yaml {key}: {short}\n"
                f"{_yaml(seed.with_values(values), least)}"
            )
    return (
        "# silent_<sentence>.yaml; give the rows values for which all else holds, but not\n"
        f"#   {changed.removed}\n{_yaml(seed, least)}"
    )


def _about(changed: Mutant, detection: Detection, seed: BoundarySeed, least: int) -> str:
    """Of thresholds, windows and dimensions the units themselves tell."""
    if changed.kind == "threshold":
        fewer = changed.rule.threshold < (detection.threshold or 0)
        name, units = ("silent", least - 1) if fewer else ("fires", least)
        return f"# {name}_<sentence>.yaml: {units} units\n{_yaml(seed, max(1, units))}"
    if changed.kind == "window":
        shorter = "halved" in changed.id
        name = "fires" if shorter else "silent"
        where = f"within {detection.window}" if shorter else f"longer than {detection.window} apart"
        return (
            f"# {name}_<sentence>.yaml: {least} units, the first and the last {where}\n"
            f"{_yaml(seed, least)}"
        )
    return (
        f"# silent_<sentence>.yaml: half of the {least} units with one value of\n"
        f"#   {changed.removed or changed.id.removeprefix('drop dimension ')}\n"
        f"# and half with another, alike in everything else\n{_yaml(seed, max(1, least // 2))}"
        "  # and the same again with the other value"
    )


def _candidates(removed: str, seed: BoundarySeed) -> Iterator[dict[str, Any]]:
    """Values for the columns that a condition names: none, those it compares with, their kin."""
    (given,) = seed.unit.values()
    texts = _TEXT.findall(removed)
    numbers = [int(float(each)) for each in _NUMBER.findall(_TEXT.sub("", removed))]
    names = [name for name in dict.fromkeys(_COLUMN.findall(_TEXT.sub("", removed)))]
    columns = [name for name in names if name in given or name in _OTHERS]
    for column in columns:
        can_be_empty = column not in _NEVER_EMPTY and not isinstance(given.get(column), int)
        values: list[object] = [""] if can_be_empty else []
        values += [*_OTHERS.get(column, ()), *texts]
        values += [number + step for number in numbers for step in (-1, 1, 0)]
        for value in dict.fromkeys(values):
            if value != given.get(column):
                yield {column: value}


def _verdicts(
    changed: Mutant, detection: Detection, seeds: Sequence[BoundarySeed], least: int
) -> list[tuple[bool, bool]]:
    """Of each seed's units: whether the rule fires on them, and whether the mutant does."""
    given: list[Case] = []
    for number, each in enumerate(seeds):
        # A column that such a row cannot have makes no case.
        with suppress(RefusedError):
            rows = (*each.before, *each.rows(range(1, least + 1), each.every))
            given.append(Case(detection.slug, str(number), "sketch", True, rows))
    found = [(False, False) for _ in seeds]
    trial = CaseTrial(case_run.prepare(given))
    try:
        numbers = range(len(given))
        own = trial.outcomes(AlertRule.from_detection(detection), numbers)
        of_mutant = trial.outcomes(changed.rule, numbers)
        for (number, one), (_, other) in zip(own, of_mutant, strict=True):
            found[int(given[number].name)] = bool(one.alerts), bool(other.alerts)
    finally:
        trial.close()
    return found


def _units(detection: Detection, seed: BoundarySeed) -> int:
    return max(1, -int(-(detection.threshold or 1) // seed.worth))


def _yaml(seed: BoundarySeed, units: int) -> str:
    every = f"{seed.every.total_seconds():g}s"
    patterns = [{"every": every, "times": units, **seed.unit}, *seed.after]
    text = yaml.safe_dump(
        {"events": patterns}, sort_keys=False, default_flow_style=None, allow_unicode=True
    )
    return text.rstrip()
