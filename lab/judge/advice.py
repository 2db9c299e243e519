"""What is wrong with a rule, the rows that show it, and a line that would be better."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from components.limits import kql_text
from lab.cases.case_pattern import CONSOLE, HTTP, CaseRow
from lab.check.lint_reach import NEVER_FILLED
from lab.exchange import sentinel_measure
from lab.exchange.foreign_rule import ForeignRule
from lab.judge import threshold as thresholds
from lab.judge.own_lint import Linted
from lab.judge.scenes import Scene
from lab.judge.trial import SHOWN, Judged, Row, SceneResult, rows_of

EVERYTHING: Final = 0.8
_KEPT: Final = 0.75
"""Of what a rule catches now, so much is caught with a threshold that is called better."""
"""Of the ordinary scenes that a rule sees: from this share on, it says only that there is a log."""

_STATUS: Final = re.compile(r"\bScStatus\s*==\s*(4\d\d)\b")
_STEM: Final = re.compile(
    r"\bCsUriStem\s+(?P<sign>!?(?:contains|has|startswith|matches regex|endswith)\w*|==|=~)\s*"
    r"(?P<text>\"[^\"]*\"|'[^']*')"
)
_COUNTED: Final = re.compile(
    r"\|\s*summarize\s+(?:(?P<name>\w+)\s*=\s*)?count\(\)(?:\s+by\s+(?P<by>[^|]*))?\s*\Z"
)
_WORDS: Final = re.compile(
    r"\bResultDescription\s+!?(has|contains|startswith|matches regex)\w*\s*[(\"']"
)
_FIRST: Final[tuple[int, ...]] = (404, 405, 414, 401, 403)
"""Refusals that are named first: a page, a method, a line too long, a password, a right."""

_ERRORS: Final = "ScStatus between (400 .. 499)"
_SIGN_INS: Final = (
    "LoginEvents\n"
    '| where EventType == "Logon" and EventResult == "Failure"\n'
    "| summarize Failures = sum(EventCount) by SrcIpAddr"
)


@dataclass(frozen=True)
class Advice:
    """One thing that is wrong. `better`: a line to write instead; `changes`: the rule with it."""

    kind: str
    what: str
    better: str
    rows: tuple[Row, ...] = ()
    query: str | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)

    def changed(self, own: ForeignRule) -> ForeignRule | None:
        """The rule with the better line, where it can be tried."""
        if self.query is None and not self.changes:
            return None
        given = dict(self.changes)
        return own.changed(given if self.query is None else {**given, "query": self.query})


def give(own: ForeignRule, found: Judged, linted: Linted, scenes: list[Scene]) -> list[Advice]:
    """What weighs most comes first."""
    never = [*_no_source(own, found, scenes), *_cannot_fire(own, found, linted)]
    if never:
        return never
    return [
        *_on_everything(own, found),
        *_one_status(own, found),
        *_path_alone(own, found, scenes),
        *_hidden_threshold(own, found),
        *_threshold(own, found),
        *_one_for_all(own, found),
        *_catches_nothing(own, found),
    ]


def fires_on_everything(found: Judged) -> bool:
    """Whether nearly every ordinary scene whose rows it reads raises an alert."""
    seen = found.of("ordinary", "day")
    return len(seen) >= 3 and len(found.accused) >= EVERYTHING * len(seen)


def _no_source(own: ForeignRule, found: Judged, scenes: list[Scene]) -> Iterator[Advice]:
    filled = {table for scene in scenes for table in scene.tables}
    if not found.tables or found.tables & filled:
        return
    if found.rule.operator.startswith("Less"):
        return
    names = ", ".join(sorted(found.tables))
    reasons = [NEVER_FILLED[each] for each in sorted(found.tables) if each in NEVER_FILLED]
    reason = reasons[0] if reasons else "no attack and no ordinary day of the lab has a row in it"
    rows = [
        row
        for scene in scenes
        if scene.kind == "attack"
        for row in rows_of(scene, lambda each: each.table == CONSOLE, 1)
    ]
    yield Advice(
        "nothing-fills-its-table",
        f"it cannot fire: nothing fills {names}; {reason}",
        f"read {CONSOLE}, or LoginEvents for sign-ins, where the rows are",
        tuple(rows[:1]),
    )


def _cannot_fire(own: ForeignRule, found: Judged, linted: Linted) -> Iterator[Advice]:
    said = [each for each in linted.remarks if each.rule_id == "can-never-fire"]
    if not said or any(each.fired for each in found.results):
        return
    given = [each.result for each in found.results if each.result]
    fullest = max(given, key=_largest, default=())
    counted = _COUNTED.search(own.query)
    better, changes, query = said[0].expected.removeprefix("expected "), {}, None
    if counted is not None:
        name = counted["name"] or "count_"
        better = f"measure the Total of {name} instead of the number of rows"
        changes = {"timeAggregation": "Total", "metricMeasureColumn": name}
        query = own.query
    yield Advice(
        "can-never-fire",
        f"it cannot fire: {said[0].what}",
        better,
        fullest,
        query,
        changes,
    )


def _largest(rows: tuple[Row, ...]) -> float:
    """What a rule that counted something, not rows, would have seen."""
    numbers = [each for row in rows for each in row.values() if isinstance(each, int | float)]
    return max(numbers, default=0)


def _on_everything(own: ForeignRule, found: Judged) -> Iterator[Advice]:
    if not fires_on_everything(found):
        return
    first = next((each for each in found.accused if each.raw), None)
    what = (
        f"it fires on everything: in {len(found.accused)} of the"
        f" {len(found.of('ordinary', 'day'))} ordinary scenes that it reads rows of"
    )
    rows = (found.one_row,) if found.one_row else (first.raw[:SHOWN] if first else ())
    if CONSOLE in found.tables:
        better = " ".join(_SIGN_INS.split())
        yield Advice(
            "fires-on-everything", what, better, rows, _SIGN_INS, _by("SrcIpAddr", "Failures")
        )
    elif found.tables == {HTTP}:
        query = f"{own.query}\n| where {_ERRORS}\n| summarize Errors = count() by CIp"
        better = f"| where {_ERRORS} | summarize Errors = count() by CIp"
        if _keeps_columns(own.query):
            yield Advice("fires-on-everything", what, better, rows, query, _by("CIp", "Errors"))
        else:
            yield Advice("fires-on-everything", what, better, rows)
    else:
        better = "| where what is wrong, and count it for each address or account"
        yield Advice("fires-on-everything", what, better, rows)


def _one_status(own: ForeignRule, found: Judged) -> Iterator[Advice]:
    status = _STATUS.search(kql_text.without_comments(own.query))
    if status is None or HTTP not in found.tables:
        return
    others: dict[int, tuple[Row, SceneResult]] = {}
    for each in found.of("attack"):
        if each.fired:
            continue
        for row in each.scene.rows:
            code = row.values.get("ScStatus")
            if isinstance(code, int) and 400 <= code < 500 and code != int(status[1]):
                others.setdefault(code, (rows_of(each.scene, _is(row), 1)[0], each))
    if not others:
        return
    told: list[int] = [code for code in _FIRST if code in others]
    told += sorted(code for code in others if code not in told)
    words = ", ".join(map(str, told))
    missed = sorted({each.scene.attack for _, each in others.values()})
    what = f"{status[0]} counts no other refusal: {words} never raise it ({', '.join(missed)})"
    one = found.one_row
    if one is not None and one.get("ScStatus") == int(status[1]):
        what += f"; and a single {status[1]} is enough for an alert"
    query = own.query[: status.start()] + _ERRORS + own.query[status.end() :]
    better, changes = f"| where {_ERRORS}", _by("CIp", "Errors")
    counted = _COUNTED.search(query)
    if counted is not None:
        line = "| summarize Errors = count() by CIp"
        query, better = query[: counted.start()] + line, f"{better} {line}"
    elif _keeps_columns(own.query):
        line = "| summarize Errors = count() by CIp"
        query, better = f"{query}\n{line}", f"{better} {line}"
    else:
        changes = {}
    rows = tuple(others[code][0] for code in told[:SHOWN])
    yield Advice("one-status-of-many", what, better, ((one,) if one else ()) + rows, query, changes)


def _path_alone(own: ForeignRule, found: Judged, scenes: list[Scene]) -> Iterator[Advice]:
    code = kql_text.without_comments(own.query)
    stem = _STEM.search(code)
    if stem is None or re.search(r"\bCsUriQuery\b", code):
        return
    word = stem["text"][1:-1]
    if not word or "regex" in stem["sign"]:
        return
    folded = word.casefold()

    def in_query(row: CaseRow) -> bool:
        asked = str(row.values.get("CsUriQuery", "")).casefold()
        return folded in asked and folded not in str(row.values.get("CsUriStem", "")).casefold()

    def in_path(row: CaseRow) -> bool:
        return folded in str(row.values.get("CsUriStem", "")).casefold()

    missed = [
        row
        for each in found.of("attack")
        if not each.fired
        for row in rows_of(each.scene, in_query, 1)
    ]
    accused = [row for each in found.accused for row in rows_of(each.scene, in_path, 1)]
    alone = re.compile(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", re.IGNORECASE)
    accused.sort(key=lambda row: bool(alone.search(str(row.get("CsUriStem")))))
    attacks = sorted(
        {
            each.scene.attack
            for each in found.of("attack")
            if not each.fired and any(in_query(row) for row in each.scene.rows)
        }
    )
    what = f"only the path is searched for {word!r}: what stands behind the question mark is missed"
    what += f" ({', '.join(attacks)})" if attacks else ""
    if accused:
        what += f", and {accused[0].get('CsUriStem')} is no attack"
    sign = "!has" if stem["sign"].startswith("!") else "has"
    is_word = re.fullmatch(r"\w+", word) is not None
    sign = sign if is_word else stem["sign"]
    line = f'url_decode(strcat(CsUriStem, "?", CsUriQuery)) {sign} {stem["text"]}'
    place = own.query.find(stem[0])
    query = own.query[:place] + line + own.query[place + len(stem[0]) :] if place >= 0 else None
    rows = tuple([*missed[:2], *accused[:1]])
    yield Advice("path-without-query", what, f"| where {line}", rows, query)


def _threshold(own: ForeignRule, found: Judged) -> Iterator[Advice]:
    choice = thresholds.best(found)
    caught = sum(each.fired for each in found.of("attack"))
    if choice is None or not found.accused or choice.threshold == found.rule.threshold:
        return
    if fires_on_everything(found):  # no number of anything mends that
        return
    if choice.accused >= len(found.accused) or choice.caught < _KEPT * caught:
        return
    first = next((each for each in found.accused if each.raw), None)
    once = " (one row is enough for an alert)" if found.one_row else ""
    what = (
        f"the threshold {found.rule.threshold:g} accuses {len(found.accused)} ordinary scenes"
        f" and days{once}"
    )
    better = (
        f"threshold {choice.threshold:g}: catches {choice.caught} recorded attacks"
        f" ({caught} now), accuses {choice.accused} ordinary scenes"
    )
    rows = (found.one_row,) if found.one_row else (first.raw if first else ())
    changes = {"threshold": choice.threshold}
    yield Advice("low-threshold", what, better, rows, None, changes)


def _hidden_threshold(own: ForeignRule, found: Judged) -> Iterator[Advice]:
    """A rule that counts rows which the query has compared already has two thresholds."""
    rule = found.rule
    if rule.measure_column is not None or (rule.operator, rule.threshold) != ("GreaterThan", 0):
        return
    hidden = sentinel_measure.find(own.query, _summed(own.query))
    if hidden is None:
        return
    first = next((each for each in found.of("attack") if each.fired and each.result), None)
    aggregation = "Maximum" if hidden.operator.startswith("Greater") else "Minimum"
    yield Advice(
        "hidden-threshold",
        f"the threshold stands in the query: it compares {hidden.column} with {hidden.value:g},"
        " where no stack can change it and no alert says how far it was passed",
        f"measure the {aggregation} of {hidden.column}, {hidden.operator} {hidden.value:g}",
        first.result if first else (),
        hidden.body,
        {
            "timeAggregation": aggregation,
            "metricMeasureColumn": hidden.column,
            "operator": hidden.operator,
            "threshold": hidden.value,
        },
    )


def _summed(query: str) -> list[str]:
    """The columns that a `summarize` counts or sums up under a name of their own."""
    counted = r"\b(\w+)\s*=\s*(?:count|countif|dcount|dcountif|sum|sumif)\s*\("
    return re.findall(counted, kql_text.masked(query))


def _one_for_all(own: ForeignRule, found: Judged) -> Iterator[Advice]:
    """One alert for everybody says neither who it was nor how many they were."""
    if found.rule.splits or not any(each.fired for each in found.of("attack")):
        return
    column = "CIp" if found.tables == {HTTP} else "SrcIpAddr" if CONSOLE in found.tables else ""
    if not column:
        return
    # A rule that warns of silence fires where there is no row to show.
    first = next((each for each in found.of("attack") if each.fired and each.raw), None)
    yield Advice(
        "one-alert-for-all",
        "it is split by nothing: one alert stands for everybody, and does not say whom",
        f"| summarize Hits = count() by {column}, with the dimension {column}",
        first.raw[:1] if first else (),
    )


def _catches_nothing(own: ForeignRule, found: Judged) -> Iterator[Advice]:
    attacks = found.of("attack")
    if any(each.fired for each in attacks) or not attacks:
        return
    nearest = max(
        (each for each in attacks if each.closest is not None),
        key=lambda each: each.closest.value if each.closest else 0,
        default=None,
    )
    near = "nothing is measured in any"
    if nearest is not None and nearest.closest is not None:
        near = f"nearest is {nearest.closest.value:g} of {found.rule.threshold:g} in"
        near += f" {nearest.scene.attack}: {nearest.scene.title}"
    better = "a lower threshold, a longer window, or a filter that these rows pass"
    if CONSOLE in found.tables and _WORDS.search(own.query):
        better = " ".join(_SIGN_INS.split()) + (
            "; or, for an app of your own that says it in its own words, try the rule on those:"
            ' --failure-line "… {TargetUsername} … {SrcIpAddr}"'
        )
    yield Advice(
        "catches-nothing",
        f"it fires in none of the {len(attacks)} recorded attacks that it reads rows of; {near}",
        better,
        (nearest.result or nearest.raw) if nearest else attacks[0].raw,
    )


def _by(column: str, measured: str) -> dict[str, Any]:
    return {
        "timeAggregation": "Maximum",
        "metricMeasureColumn": measured,
        "dimensions": [{"name": column, "operator": "Include", "values": ["*"]}],
    }


def _keeps_columns(query: str) -> bool:
    return not re.search(r"\|\s*(summarize|project|distinct|count|make-series)\b", query)


def _is(wanted: CaseRow) -> Any:
    return lambda row: row is wanted
