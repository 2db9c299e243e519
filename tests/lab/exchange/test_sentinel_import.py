"""Rules of others become detections, and what is lost is said."""

from pathlib import Path

import pytest
import yaml

from components.content import detection, kql_function
from components.content.deployed_rule import deployed
from components.limits.refusal import RefusedError
from lab.azure.monitor.log_search.alert_rule import AlertRule, evaluate
from lab.cases.case_file import START
from lab.check import allowance, file_lint, library
from lab.exchange import sentinel_import
from lab.logs import login_lines
from lab.logs.log_tables import LogTables

RULE = """\
id: 7a0c6a0e-1c5f-4f65-9a6e-2f7b8f1f2c3d
name: Many missing pages for one client
description: |
  'A client asks for many pages that are not there.'
severity: Medium
requiredDataConnectors: []
queryFrequency: 15m
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
relevantTechniques:
  - T1595.003
query: |

  let Ignored = 5;
  AppServiceHTTPLogs
  | where ScStatus == 404
  | summarize Missing = dcount(CsUriStem) by CIp, CsHost
  | where Missing > 30
entityMappings:
  - entityType: IP
    fieldMappings:
      - identifier: Address
        columnName: CIp
version: 1.0.1
kind: Scheduled
"""


def imported(folder: Path, text: str = RULE) -> sentinel_import.Imported:
    file = folder / "rule.yaml"
    file.write_text(text, encoding="utf-8")
    return sentinel_import.from_file(file)


def read(folder: Path, found: sentinel_import.Imported) -> detection.Detection:
    path = folder / f"{found.slug}.kql"
    path.write_text(found.text, encoding="utf-8")
    return detection.read(path, kql_function.load_all())


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(RefusedError) as raised:
        imported(folder, text)
    return str(raised.value)


def test_a_comparison_at_the_end_becomes_measure_and_threshold(tmp_path: Path) -> None:
    found = imported(tmp_path)
    back = read(tmp_path, found)
    assert found.slug == "many_missing_pages_for_one_client"
    assert (back.measure_column, back.aggregation) == ("Missing", "Maximum")
    assert (back.operator, back.threshold) == ("GreaterThan", 30)
    assert "Missing > 30" not in back.query
    assert back.dimensions == ("CIp",)
    assert back.tables == ("AppServiceHTTPLogs",)
    assert back.description == "A client asks for many pages that are not there."
    assert (back.frequency, back.window, back.severity) == ("PT15M", "PT1H", 2)


def test_rows_are_counted_where_the_rule_counts_them(tmp_path: Path) -> None:
    text = RULE.replace("triggerThreshold: 0", "triggerThreshold: 7").replace(
        "  | where Missing > 30\n", ""
    )
    found = imported(tmp_path, text)
    back = read(tmp_path, found)
    assert (back.measure_column, back.operator, back.threshold) == (None, "GreaterThan", 7)
    assert back.dimensions == ()
    assert any("entity IP (Address) is lost" in line for line in found.lost)


def test_a_rule_that_waits_for_no_row_stays_one(tmp_path: Path) -> None:
    text = RULE.replace("triggerOperator: gt", "triggerOperator: eq")
    back = read(tmp_path, imported(tmp_path, text))
    assert (back.operator, back.threshold) == ("LessThan", 1)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("severity: Medium", "severity: High"), "severity High became 1"),
        (("queryPeriod: 1h", "queryPeriod: 7d"), "queryPeriod 7d became P2D"),
        (("queryPeriod: 1h", "queryPeriod: 5m"), "queryPeriod 5m became PT15M"),
        (("queryFrequency: 15m", "queryFrequency: 20m"), "queryFrequency 20m became PT15M"),
        (("columnName: CIp", "columnName: IPCustomEntity"), "names no column of the result"),
        (("version:", "suppressionEnabled: true\nversion:"), "suppression is lost"),
        (("version:", "tactics: [Discovery]\nversion:"), "tactics cannot stay"),
        (("version:", "vesrion:"), "did you mean 'version'?"),
        (("T1595.003", "T1066"), "technique T1066 is not in"),
        (("relevantTechniques:\n  - T1595.003\n", ""), "T1190 stands for one"),
        (("entityType: IP", "entityType: URL"), "one attacker has hundreds of them"),
        (("not there.'", "not there. More.'"), "the description became its first sentence"),
    ],
)
def test_what_is_lost_is_said_with_its_line(
    change: tuple[str, str], expected: str, tmp_path: Path
) -> None:
    found = imported(tmp_path, RULE.replace(*change))
    (line,) = [each for each in found.lost if expected in each]
    number = int(line.rpartition(":")[2].rstrip(")"))
    assert RULE.replace(*change).splitlines()[number - 1].strip()


@pytest.mark.parametrize(
    ("change", "expected", "line"),
    [
        (("ScStatus ==", "ScStatuss =="), "did you mean 'ScStatus'?", 17),
        (
            ("AppServiceHTTPLogs", "SecurityEvent"),
            "table or function 'SecurityEvent' is unknown",
            16,
        ),
        (("| where ScStatus == 404", "| evaluate narrow()"), "column 'CIp' does not exist", 18),
        (("| where ScStatus == 404", "| where (ScStatus == 404"), "'(' is not closed", 17),
        (("severity: Medium", "severity: Serious"), "expected one of High", 5),
        (("kind: Scheduled", "kind: NRT"), "expected Scheduled", 26),
        (("queryFrequency: 15m", "queryFrequency: often"), "cannot be read", 7),
        (("triggerOperator: gt", "triggerOperator: ne"), "", 0),
        (("AppServiceHTTPLogs\n", "SecretStore\n"), "table or function 'SecretStore'", 16),
    ],
)
def test_what_forbids_it_is_said_with_its_line(
    change: tuple[str, str], expected: str, line: int, tmp_path: Path
) -> None:
    text = RULE.replace(*change)
    if not expected:  # `ne 0` is another word for `gt 0`
        assert read(tmp_path, imported(tmp_path, text)).operator == "GreaterThan"
        return
    message = refusal(tmp_path, text)
    assert expected in message
    assert f"rule.yaml:{line})" in message


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    text = RULE.replace("Medium", "Bad").replace("kind: Scheduled", "kind: NRT")
    assert len(refusal(tmp_path, text).splitlines()) == 2


@pytest.mark.parametrize(
    "text", ["", "- a list", "query: [", "name: no query\n", "query: ''\n", "{}", "\tquery: x"]
)
def test_what_is_no_rule_is_refused_with_file_and_line(text: str, tmp_path: Path) -> None:
    assert "rule.yaml:1)" in refusal(tmp_path, text)


def test_a_function_of_another_meaning_is_refused(tmp_path: Path) -> None:
    text = RULE.replace("let Ignored = 5;", "let LoginEvents = AppServiceHTTPLogs;")
    assert "let LoginEvents is not the same" in refusal(tmp_path, text)


def test_the_head_is_yaml_that_a_person_can_read(tmp_path: Path) -> None:
    head = [line[3:] for line in imported(tmp_path).text.splitlines() if line.startswith("// ")]
    assert yaml.safe_load("\n".join(head))["blind_spots"][0].startswith("Imported from Sentinel")


def with_query(query: str, **changes: str) -> str:
    """The rule with another query, and other words elsewhere."""
    head, _, rest = RULE.partition("query: |\n")
    tail = rest[rest.index("entityMappings:") :]
    body = "".join(f"  {line}\n" for line in query.strip().splitlines())
    text = f"{head}query: |\n{body}{tail}"
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("kind", ["scheduled", "SCHEDULED"])
def test_the_kind_is_one_in_any_case(kind: str, tmp_path: Path) -> None:
    assert imported(tmp_path, RULE.replace("kind: Scheduled", f"kind: {kind}")).text


def test_a_threshold_in_a_let_becomes_the_measure(tmp_path: Path) -> None:
    text = with_query(
        """
let threshold = 40;
let least = 3;
AppServiceHTTPLogs
| where ScStatus == 404
| summarize Missing = dcount(CsUriStem), Hosts = dcount(CsHost) by CIp, bin(TimeGenerated, 5m)
| where Missing > threshold and Hosts >= least // two limits
| extend IPCustomEntity = CIp, timestamp = TimeGenerated
""",
        columnName="columnName",
    )
    found = imported(tmp_path, text)
    back = read(tmp_path, found)
    assert (back.measure_column, back.operator, back.threshold) == ("Missing", "GreaterThan", 40)
    assert "threshold" not in back.query
    assert "| where Hosts >= least" in back.query
    assert "timestamp" not in back.query
    assert any("threshold became the threshold 40" in line for line in found.notes)


@pytest.mark.parametrize(
    ("query", "expected", "column"),
    [
        (
            'W3CIISLog\n| where TimeGenerated > ago(1h)\n| where scStatus in ("401", "403")'
            "\n| summarize Refused = count() by cIP\n| where Refused > 20",
            "W3CIISLog became AppServiceHTTPLogs",
            "Refused",
        ),
        (
            "let often = 100;\nNGINXHTTPServer\n| where tolong(HttpStatusCode) >= 400"
            "\n| summarize Errors = count() by SrcIpAddr\n| where Errors > often",
            "NGINXHTTPServer became AppServiceHTTPLogs",
            "Errors",
        ),
        (
            "_Im_Authentication(starttime=ago(1h), eventresult='Failure')"
            "\n| summarize Names = dcount(TargetUserId) by SrcDvcIpAddr, TargetUserType"
            "\n| where Names > 15",
            "_Im_Authentication became LoginEvents",
            "Names",
        ),
        (
            'SigninLogs\n| where ResultType in ("50126", "50053")'
            "\n| summarize Names = dcount(UserPrincipalName) by IPAddress\n| where Names > 15",
            "SigninLogs became LoginEvents",
            "Names",
        ),
    ],
)
def test_what_has_another_name_here_is_read_under_it(
    query: str, expected: str, column: str, tmp_path: Path
) -> None:
    found = imported(tmp_path, with_query(query))
    back = read(tmp_path, found)
    assert any(expected in line for line in found.notes)
    assert back.measure_column == column
    assert "ago(" not in back.query, "the window says it"
    tables = LogTables()
    try:
        assert evaluate(AlertRule.from_detection(deployed(back)), tables, START) == []
    finally:
        tables.close()


def test_an_asim_rule_sees_the_sign_ins_of_the_app(tmp_path: Path) -> None:
    query = (
        "imAuthentication\n| where EventType == 'Logon' and EventResult == 'Failure'"
        "\n| summarize Names = dcount(TargetUsername) by SrcDvcIpAddr\n| where Names > 2"
    )
    back = read(tmp_path, imported(tmp_path, with_query(query)))
    event = {"EventType": "Logon", "EventResult": "Failure", "SrcIpAddr": "198.51.100.7"}
    lines = login_lines.lines(
        [(START, {**event, "TargetUsername": name}) for name in ("anna", "bob", "cleo")]
    )
    tables = LogTables()
    try:
        rows = [{"TimeGenerated": START, "ResultDescription": line} for line in lines]
        accepted = [tables.accept("AppServiceConsoleLogs", row) for row in rows]
        tables.store("AppServiceConsoleLogs", ((row, START) for row in accepted))
        (series,) = evaluate(AlertRule.from_detection(back), tables, START)
    finally:
        tables.close()
    assert (series.value, series.violated) == (3, True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SigninLogs | summarize count() by Location", "column Location of SigninLogs has no"),
        (
            'SigninLogs | where AppDisplayName == "GitHub"',
            "AppDisplayName of SigninLogs is compared",
        ),
        ("imAuthentication | where isnotempty(SrcGeoCountry)", "SrcGeoCountry of imAuthentication"),
        ("imAuthentication(username_has_any=x)", "argument 'username_has_any'"),
        ("NGINXHTTPServer | where EventMessage has 'core'", "column EventMessage"),
        (
            "AppServiceHTTPLogs | where TimeGenerated between (ago(14d) .. ago(1d))",
            "looks back further than the window",
        ),
        ("OfficeActivity | count", "'OfficeActivity' is unknown: nothing in this stack fills it"),
    ],
)
def test_what_nothing_here_can_stand_for_is_refused(
    query: str, expected: str, tmp_path: Path
) -> None:
    assert expected in refusal(tmp_path, with_query(query))


def test_what_comes_in_passes_the_checks_of_the_library(tmp_path: Path) -> None:
    text = RULE.replace("queryPeriod: 1h", "queryPeriod: 10m").replace("15m", "10m")
    found = imported(tmp_path, text)
    path = tmp_path / f"{found.slug}.kql"
    path.write_text(found.text, encoding="utf-8")
    left = allowance.apply([library.alone(path)], file_lint.findings(path))
    assert [each for each in left if each.rule.severity == "error"] == []
    assert "// allow window-shorter-than-delay: as rule 7a0c6a0e" in found.text
    assert any("window-shorter-than-delay stays" in line for line in found.lost)
