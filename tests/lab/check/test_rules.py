"""Each rule with a small detection that breaks it, and one beside it that does not."""

from pathlib import Path

import pytest

from lab.check.rule import RULES
from tests.support.broken_library import BODY, CASE, CASES, SLUG, Change, boundary, checked, on_web

FILTER = '| where EventType == "Logon" and EventResult == "Failure"'
RARE = {"threshold": 1}
SOURCE = """// description: Sign-ins of another log.
// source: own
// tells: []
// tables: [AppServiceAppLogs]
AppServiceAppLogs
| project TimeGenerated, EventResult = iff(Message has "denied", "Failure", "Success"), _ResourceId
"""


def body(filter_: str = FILTER, end: str = "| summarize Failures = count() by SrcIpAddr") -> str:
    return f"LoginEvents\n{filter_}\n{end}"


def by_account(key: str) -> Change:
    end = f"| summarize Failures = count() by TargetUsername = {key}"
    return Change(
        {"dimensions": ["TargetUsername"]}, body(end=end), boundary("event", "TargetUsername")
    )


def lines(number: int) -> str:
    """A body with so many long constants."""
    constants = [f'let C{each} = "{"x" * 1000}";' for each in range(number)]
    return "\n".join([*constants, BODY])


PAIRS: dict[str, tuple[Change, Change]] = {
    "unreadable-file": (
        Change(files={"kql/hunting/broken.kql": "// name: [\nLoginEvents\n"}),
        Change(files={"kql/hunting/notes.txt": "no query"}),
    ),
    "bad-head": (Change({"window": "1h"}), Change({"window": "PT2H"})),
    "query-does-not-parse": (
        Change(body=f"{BODY}\n| where (Failures > "),
        Change(body=f"{BODY}\n| where (Failures > 0)"),
    ),
    "bad-case": (
        Change(
            files={
                f"{CASES}/silent_row.yaml": "events: [{request: {CsUriStemm: /}}]",
            }
        ),
        Change(
            files={
                f"{CASES}/silent_row.yaml": "events: [{request: {CsUriStem: /}}]",
                f"{CASES}/mutants.yaml": "no case, but what is said of changed rules",
            }
        ),
    ),
    "stray-cases": (
        Change(files={"cases/no_such_detection/fires_one.yaml": CASE}),
        Change(files={"cases/__pycache__/fires_one.yaml": CASE}),
    ),
    "unknown-column": (
        Change(body=body(f'{FILTER} and LogLevel == "Error"')),
        Change(body=body(f'{FILTER} and TargetAppName == "login-app"')),
    ),
    "unknown-table": (
        on_web("AppServiceHttpLog\n| summarize Failures = count() by CIp"),
        on_web(),
    ),
    "kusto-refuses": (
        Change(body=body(f"{FILTER} and SrcPortNumber == 'https'")),
        Change(body=body(f"{FILTER} and SrcPortNumber == 443")),
    ),
    "microsoft-refuses": (
        Change(body=f"{BODY}\n| join hint.strategy=anyhow (LoginEvents) on SrcIpAddr"),
        Change(body=f"{BODY}\n| join hint.strategy=shuffle (LoginEvents) on SrcIpAddr"),
    ),
    "translator-refuses": (
        Change(body=f"{BODY}\n| where hash(SrcIpAddr) > 5"),
        Change(body=f'{BODY}\n| where SrcIpAddr startswith "10."'),
    ),
    "no-failure-filter": (
        Change(body=body('| where EventType == "Logon"')),
        Change(
            body="LoginEvents\n| summarize Failures"
            ' = countif(EventResult == "Failure") by SrcIpAddr'
        ),
    ),
    "path-without-query": (
        on_web(
            'AppServiceHTTPLogs\n| where CsUriStem contains "select"'
            "\n| summarize Failures = count() by CIp"
        ),
        on_web(
            'AppServiceHTTPLogs\n| where strcat(CsUriStem, "?", CsUriQuery) contains "select"'
            "\n| summarize Failures = count() by CIp"
        ),
    ),
    "lookback-unlike-window": (
        Change(body=body(f"| where TimeGenerated > ago(7d)\n{FILTER}")),
        Change(
            body=body(
                end="| summarize Failures = countif(TimeGenerated > ago(10m)),"
                " Before = countif(TimeGenerated <= ago(10m)) by SrcIpAddr"
            )
        ),
    ),
    "forbidden-construct": (
        Change(body=f"{BODY}\n| take 5", head={"frequency": "PT1M"}),
        Change(body=f"{BODY}\n| take 5"),
    ),
    "function-each-minute": (Change({"frequency": "PT1M"}), Change()),
    "hidden-threshold": (
        Change(body=f"{BODY}\n| where Failures >= 20"),
        Change(
            body="LoginEvents\n| summarize Tries = count(), Failures = countif(EventResult =="
            ' "Failure") by SrcIpAddr\n| where Failures > 0\n| where Failures >= Tries'
        ),
    ),
    "regex-refused": (
        Change(body=body(f'{FILTER} and SrcIpAddr matches regex @"^(?!10\\.)"')),
        Change(body=body(f'{FILTER} and SrcIpAddr matches regex @"^10\\."')),
    ),
    "can-never-fire": (
        Change(
            {"measure": "rows", "operator": "GreaterThan", "threshold": 13, "dimensions": []},
            body(end="| summarize Failures = count() by bin(TimeGenerated, 5m)"),
        ),
        Change(
            {"measure": "rows", "operator": "GreaterThan", "threshold": 12, "dimensions": []},
            body(end="| summarize Failures = count() by bin(TimeGenerated, 5m)"),
        ),
    ),
    "table-without-rows": (
        on_web(
            "AppServiceAppLogs\n| where Message has 'no'"
            "\n| summarize Failures = count() by CIp = Host",
            tables=["AppServiceAppLogs"],
        ),
        on_web(),
    ),
    "too-many-alerts": (
        Change(RARE),
        Change(
            RARE,
            body(
                end="| summarize Tries = count() by SrcIpAddr\n| where Tries >= 5"
                "\n| project SrcIpAddr, Failures = Tries"
            ),
        ),
    ),
    "dimension-not-in-result": (
        Change(body=body(end="| summarize Failures = count() by Address = SrcIpAddr")),
        Change(),
    ),
    "measure-not-in-result": (
        Change({"measure": {"column": "Tries", "aggregation": "Total"}}),
        Change({"measure": {"column": "Failures", "aggregation": "Maximum"}}),
    ),
    "unbounded-dimension": (
        by_account("tolower(TargetUsername)"),
        by_account("substring(TargetUsername, 0, 64)"),
    ),
    "tables-unlike-query": (
        Change({"tables": ["AppServiceConsoleLogs", "AppServiceHTTPLogs"]}),
        Change(),
    ),
    "window-shorter-than-delay": (Change({"window": "PT10M"}), Change({"window": "PT30M"})),
    "window-splits-bursts": (
        Change({"window": "PT30M", "frequency": "PT30M"}),
        Change({"window": "PT45M", "frequency": "PT30M"}),
    ),
    "description-form": (
        Change({"description": "Failures of one address"}),
        Change({"description": f"{'x' * 159}."}),
    ),
    "sentence-form": (Change({"response": "Block it"}), Change({"response": "Block it."})),
    "unknown-neighbour": (
        Change({"blind_spots": ["Many addresses; see no_such_detection."]}),
        Change({"blind_spots": [f"Many addresses; see {SLUG}."]}),
    ),
    "unknown-technique": (Change({"attack": ["T1550.044"]}), Change({"attack": ["T1550.001"]})),
    "rule-too-large": (Change(body=lines(66)), Change(body=lines(10))),
    "large-query": (Change(body=lines(17)), Change(body=lines(10))),
    "unused-function": (
        Change(files={"kql/functions/One.kql": "// description: One.\n// parameters: a:long\na\n"}),
        Change(files={"kql/functions/Own.kql": SOURCE}),
    ),
    "missing-cases": (
        Change(files={f"{CASES}/silent_three.yaml": None}),
        Change(),
    ),
    "few-silent-cases": (
        Change(files={f"{CASES}/fires_three.yaml": CASE}),
        Change(files={f"{CASES}/silent_four.yaml": CASE}),
    ),
    "missing-attack": (
        Change(files={f"attacks/{SLUG}.py": None}),
        Change(files={f"attacks/{SLUG}.py": None, f"faults/{SLUG}.py": ""}),
    ),
    "needless-allowance": (
        Change(body=f"// allow too-many-alerts: there are few\n{BODY}"),
        Change(RARE, f"// allow too-many-alerts: there are few\n{BODY}"),
    ),
}
NEEDS_NODE = {"microsoft-refuses"}


def ids(place: Path, change: Change) -> set[str]:
    return {each.rule_id for each in checked(place, change).findings}


def test_every_rule_has_its_pair() -> None:
    assert PAIRS.keys() == RULES.keys()


@pytest.mark.usefixtures("without_node")
def test_the_library_that_the_pairs_change_breaks_no_rule(tmp_path: Path) -> None:
    assert checked(tmp_path).findings == []
    assert list(tmp_path.rglob("*.kql")), "there was something to check"


@pytest.mark.usefixtures("without_node")
@pytest.mark.parametrize("rule_id", sorted(PAIRS.keys() - NEEDS_NODE))
def test_a_rule_is_broken_by_one_and_not_by_the_other(rule_id: str, tmp_path: Path) -> None:
    broken, sound = PAIRS[rule_id]
    assert rule_id in ids(tmp_path / "broken", broken)
    assert rule_id not in ids(tmp_path / "sound", sound)


@pytest.mark.usefixtures("without_node")
def test_a_dynamic_is_no_dimension_for_kusto_refuses_it_as_a_key(tmp_path: Path) -> None:
    made = body(end='| summarize Failures = count() by Bag = parse_json("{}")')
    found = checked(tmp_path, Change({"dimensions": ["Bag"]}, made)).findings
    refused = [each for each in found if each.rule_id == "kusto-refuses"]
    assert len(refused) == 1
    assert "is a dynamic, which cannot be grouped" in refused[0].what
    assert refused[0].instead.startswith("expected a type for it, as in tostring(")


@pytest.mark.usefixtures("without_node")
@pytest.mark.parametrize(
    ("key", "made"),
    [
        ("Day", "Day = bin(TimeGenerated, 1d)"),
        ("IsHome", 'IsHome = SrcIpAddr == "192.0.2.1"'),
        ("Bag", 'Bag = tostring(parse_json("{}"))'),
        ("SrcPortNumber", "SrcPortNumber"),
    ],
)
def test_a_dimension_is_a_text_or_a_number(key: str, made: str, tmp_path: Path) -> None:
    change = Change({"dimensions": [key]}, body(end=f"| summarize Failures = count() by {made}"))
    found = [each for each in checked(tmp_path, change).findings if "neither a text" in each.what]
    if "tostring" in made or key == "SrcPortNumber":
        assert found == []
        return
    (finding,) = found
    assert finding.path.endswith(f"{SLUG}.kql")
    assert finding.line is not None
    assert finding.what == f"dimension '{key}' is neither a text nor a number"
    assert finding.instead == f"expected a text, as in extend {key} = tostring({key})"
