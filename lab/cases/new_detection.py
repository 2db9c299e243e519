"""The texts of a new detection: a head with every key explained, a sound query, cases, an attack.

What only its author can write is marked TO_WRITE, and `lab test` names each place.
"""

from typing import Final

from components.content.detection import Detection

TO_WRITE: Final = "TO" + "DO"

_HEAD: Final = """\
// name: {todo} name it as a reader of a mail would, such as Password spray
// description: {todo} one sentence, what happens and to whom, at most 160 characters.
// severity: 3        # 0 critical, 1 error, 2 warning, 3 informational, 4 verbose
// status: experimental   # or stable, once it has watched a real app for a while
// frequency: {frequency}    # how often Azure runs the query; every 1 minute costs most
// window: {window}      # how far the query looks back; at least frequency plus 13 minutes
// measure: {measure}   # the column that is compared, or rows
// operator: {operator}   # or GreaterThan, LessThan, LessThanOrEqual
// threshold: {threshold}      # stands here and never in the query; boundary cases are made from it
// dimensions: {dimensions}   # columns whose values get an alert each; [] for the whole app
// tables: {tables}   # every table that the query reads
// needs: {needs}   # what login events must tell for it (docs/sources.md)
// attack: [T1110]    # {todo} techniques of ATT&CK, from components/content/attack_techniques.txt
// confidence: 1      # 0 a hint to 3 sure
// false_positives:
//   - {todo} who sets it off without being an attacker.
// blind_spots:
//   - {todo} which attack it does not see.
// response: >-
//   {todo} what whoever is woken by it does first.

"""
_QUERY: Final = """\
// {todo} why these rows; a number that is no threshold is a let with its reason.
LoginEvents
| where EventType == "Logon" and SrcIpAddr != ""
| where EventResult == "Failure"
| summarize Failures = count(), Accounts = dcount(AccountKey(TargetUsername)) by SrcIpAddr
"""
_BOUNDARY: Final = """\
# {todo} one unit of evidence: what raises the measure by one ({{i}} counts the units)
every: 10s
unit:
  event: {{TargetUsername: "person{{i}}", SrcIpAddr: 198.51.100.7}}
split: {{SrcIpAddr: 198.51.100.8}}   # each dimension with a second value
unlike:                            # values with which a unit is no evidence, one line a filter
  - {{EventResult: Success}}
"""
_BOUNDARY_OF: Final = """\
# {todo} one unit of evidence: what raises the measure by one ({{i}} counts the units)
every: 10s
unit:
  {unit}
"""
_FIRES: Final = {
    "fires_first_attack": "an attack at its usual pace; the file's name says which",
    "fires_second_attack": "the same attack in disguise: slower, spread, spelled differently",
}
_SILENT: Final = {
    "silent_ordinary_people": "people who do something alike every day",
    "silent_a_busy_moment": "many of them at once, such as an office on a Monday morning",
    "silent_a_machine_that_means_no_harm": "a monitor, a crawler or a forgotten program",
}
_CASE: Final = """\
about: "{todo} {what}."
events:
  - every: 10s
    times: {times}
    event: {{TargetUsername: "person{{i}}", SrcIpAddr: 198.51.100.7}}
"""
_EMPTY_CASE: Final = """\
about: "{todo} {what}."
events:
{unit}"""
_SCENARIO: Final = '''\
"""{todo} one sentence, what the attacker does."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "{slug}"
_TRIES = 30


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=addresses.in_v6(addresses.ATTACKERS_V6, dice.randrange(0x8000, 0xFFFF)),
        user_agent=user_agents.PYTHON_REQUESTS,
    )
    visit = Visit(attacker, 0.0, dice)
    for number in range(_TRIES):
        visit.try_password(people[number % len(people)].username, f"guess-{{number}}", (3.0, 9.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="{todo} the same sentence, for the report.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
'''


def files(slug: str, neighbour: Detection | None, boundary: str | None) -> dict[str, str]:
    """Path from the project's root -> text; `boundary` is the neighbour's seed."""
    folder = f"tests/detections/{slug}"
    found = {
        f"kql/detections/{slug}.kql": _head(neighbour) + _query(neighbour),
        f"{folder}/boundary.yaml": _seed(boundary, neighbour),
        f"traffic/attacks/{slug}.py": _SCENARIO.format(slug=slug, todo=TO_WRITE),
    }
    for name, what in _FIRES.items():
        found[f"{folder}/{name}.yaml"] = _case(what, 30, neighbour)
    for name, what in _SILENT.items():
        found[f"{folder}/{name}.yaml"] = _case(what, 3, neighbour)
    return found


def _head(neighbour: Detection | None) -> str:
    if neighbour is None:
        return _HEAD.format(
            todo=TO_WRITE,
            frequency="PT5M",
            window="PT30M",
            measure="{column: Failures, aggregation: Total}",
            operator="GreaterThanOrEqual",
            threshold=20,
            dimensions="[SrcIpAddr]",
            tables="[AppServiceConsoleLogs]",
            needs="[address]",
        )
    column = neighbour.measure_column
    return _HEAD.format(
        todo=TO_WRITE,
        frequency=neighbour.frequency,
        window=neighbour.window,
        measure=f"{{column: {column}, aggregation: {neighbour.aggregation}}}" if column else "rows",
        operator=neighbour.operator,
        threshold="dynamic" if neighbour.threshold is None else f"{neighbour.threshold:g}",
        dimensions=f"[{', '.join(neighbour.dimensions)}]",
        tables=f"[{', '.join(neighbour.tables)}]",
        needs=f"[{', '.join(neighbour.needs)}]",
    )


def _query(neighbour: Detection | None) -> str:
    if neighbour is None:
        return _QUERY.format(todo=TO_WRITE)
    return f"// {TO_WRITE} what is different from {neighbour.slug}.\n{neighbour.query}\n"


def _seed(boundary: str | None, neighbour: Detection | None) -> str:
    if boundary is not None:
        return f"# {TO_WRITE} one unit of evidence: what raises the measure by one\n{boundary}"
    if neighbour is None:
        return _BOUNDARY.format(todo=TO_WRITE)
    text = _BOUNDARY_OF.format(todo=TO_WRITE, unit=_evidence(neighbour))
    second = ", ".join(f"{name}: {_second(name)}" for name in neighbour.dimensions)
    note = "   # each dimension with a second value"
    return f"{text}split: {{{second}}}{note}\n" if second else text


def _evidence(neighbour: Detection) -> str:
    """A row that the detection reads, as a case writes it."""
    if "AppServiceConsoleLogs" in neighbour.tables:
        return 'event: {TargetUsername: "person{i}", SrcIpAddr: 198.51.100.7}'
    if "AppServiceHTTPLogs" in neighbour.tables:
        return 'request: {CIp: 198.51.100.7, CsUriStem: "/{i}"}'
    return f"row: {{_table: {neighbour.tables[0]}}}"


def _second(dimension: str) -> str:
    return "198.51.100.8" if dimension in {"CIp", "SrcIpAddr"} else "second"


def _case(what: str, times: int, neighbour: Detection | None) -> str:
    if neighbour is None:
        return _CASE.format(what=what, times=times, todo=TO_WRITE)
    unit = f"  - {{every: 10s, times: {times}, {_evidence(neighbour)}}}\n"
    return _EMPTY_CASE.format(what=what, unit=unit, todo=TO_WRITE)
