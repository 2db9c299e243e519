"""An exception takes somebody's rows from a rule, says so, and ends by itself."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from components.content import detection, rule_exception
from components.content.analytics_rule import from_detection
from components.content.deployed_rule import deployed
from components.content.detection import Detection
from components.content.rule_exception import RuleException
from components.detection_set import custom_properties, exceptions_of
from components.limits.alert_rule import MAX_DESCRIPTION
from components.limits.refusal import RefusedError
from lab.azure.monitor.log_search.alert_rule import AlertRule, evaluate
from lab.cases.case_file import START
from lab.logs import login_lines
from lab.logs.log_tables import LogTables

SPRAY = "password_spray"
TODAY = date(2026, 1, 5)
ATTACKER, OTHER = "198.51.100.7", "203.0.113.9"
NOW = START + timedelta(minutes=30)


def an_exception(**changes: Any) -> RuleException:
    entry = {"address": ATTACKER, "reason": "a test of ours", "expires": "2026-02-01"}
    kept = {key: value for key, value in (entry | changes).items() if value is not None}
    return rule_exception.read(kept, TODAY)


@pytest.fixture(scope="module")
def spray() -> Detection:
    return detection.load(SPRAY)


@pytest.fixture(scope="module")
def tables() -> Iterator[LogTables]:
    """The same spray from two addresses, and one scan of files from each."""
    found = LogTables()
    events = [
        (
            START + timedelta(seconds=30 * number),
            {
                "EventType": "Logon",
                "EventResult": "Failure",
                "EventResultDetails": "Incorrect password",
                "TargetUsername": f"person{number}",
                "SrcIpAddr": address,
                "HttpUserAgent": "a program of ours/1.0",
                "EventOriginalUid": f"{address}/{number}",
            },
        )
        for address in (ATTACKER, OTHER)
        for number in range(20)
    ]
    rows = [
        found.accept("AppServiceConsoleLogs", {"TimeGenerated": at, "ResultDescription": line})
        for (at, _), line in zip(events, login_lines.lines(events), strict=True)
    ]
    found.store("AppServiceConsoleLogs", ((row, NOW) for row in rows))
    asked = [
        found.accept(
            "AppServiceHTTPLogs",
            {"TimeGenerated": START, "CIp": address, "CsUriStem": path, "ScStatus": 404},
        )
        for address in (ATTACKER, OTHER)
        for path in ("/.env", "/.git/config", "/backup.sql", "/id_rsa", "/wp-config.php.bak")
    ]
    found.store("AppServiceHTTPLogs", ((row, START) for row in asked))
    yield found
    found.close()


def accused(
    found: Detection, tables: LogTables, exceptions: list[RuleException], now: datetime = NOW
) -> set[str]:
    rule = AlertRule.from_detection(deployed(found, exceptions=exceptions))
    series = [each for each in evaluate(rule, tables, now) if each.violated]
    return {value for each in series for value in each.dimensions.values()}


@pytest.mark.parametrize(
    "whom",
    [
        {},
        {"address": None, "network": "198.51.100.0/24"},
        {"detections": [SPRAY]},
        {"userAgent": "a program of ours/1.0"},
    ],
)
def test_the_excepted_is_silent_and_the_same_from_elsewhere_fires(
    whom: dict[str, Any], spray: Detection, tables: LogTables
) -> None:
    assert accused(spray, tables, []) == {ATTACKER, OTHER}
    assert accused(spray, tables, [an_exception(**whom)]) == {OTHER}


@pytest.mark.parametrize(
    "whom",
    [
        {"detections": ["brute_force_from_one_address"]},
        {"userAgent": "another program/1.0"},
        {"path": "/login"},  # no console line tells a path: nothing is excepted by half
        {"expires": "2026-01-05T07:29:00Z"},
    ],
)
def test_an_exception_is_from_what_it_says_and_until_it_ends(
    whom: dict[str, Any], spray: Detection, tables: LogTables
) -> None:
    assert accused(spray, tables, [an_exception(**whom)]) == {ATTACKER, OTHER}


def test_what_came_before_the_end_is_excepted_after_it_too(
    spray: Detection, tables: LogTables
) -> None:
    """A test of the last day of the year accuses nobody on the first of the next."""
    ends = an_exception(expires=f"{START + timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}")
    for minutes in (0, 10, 20):
        assert accused(spray, tables, [ends], NOW + timedelta(minutes=minutes)) == {OTHER}


def test_the_rule_itself_ends_the_exception(spray: Detection, tables: LogTables) -> None:
    ends = an_exception(expires=f"{START - timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}")
    assert accused(spray, tables, [ends], NOW) == {ATTACKER, OTHER}


@pytest.mark.parametrize("address", ["2001:db8::bad", "198.51.100.7:443", "-", ""])
def test_a_network_takes_no_rows_that_have_another_kind_of_address(
    address: str, tables: LogTables
) -> None:
    found = an_exception(address=None, network="198.51.100.0/24")
    assert kept(found, "AppServiceHTTPLogs", {"CIp": address}, tables)
    assert not kept(found, "AppServiceHTTPLogs", {"CIp": ATTACKER}, tables)


def kept(found: RuleException, table: str, values: dict[str, str], tables: LogTables) -> bool:
    """Whether a row with these values still counts."""
    given = ", ".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
    condition = found.condition(table)
    kql = f"print TimeGenerated = datetime(2026-01-05), {given} | where not({condition})"
    return bool(tables.query(kql, NOW).rows)


PLAIN = "AppServiceConsoleLogs"


@pytest.mark.parametrize(
    ("line", "whom", "counts"),
    [
        ("SIGN-IN REFUSED from 198.51.100.7 (anna)", {}, False),
        ("SIGN-IN REFUSED from 198.51.100.77 (anna)", {}, True),
        ("Login failed for user '198.51.100.7' from 203.0.113.9", {}, True),
        ("Login failed for 'a' from 198.51.100.7", {"network": "198.51.100.0/24"}, False),
        ("Login failed for '198.51.100.7' from 203.0.113.9", {"network": "198.51.100.0/24"}, True),
        ("Login failed for 'a' from 2001:db8::7", {"address": "2001:DB8:0::7"}, False),
        ("Login failed for 'a' from 2001:db8::77", {"address": "2001:db8::7"}, True),
        ("Login failed for user 'anna' from 203.0.113.9", {"account": "login"}, True),
        ("a heartbeat", {"network": "198.51.100.0/24"}, True),
        ('{"SrcIpAddr": "203.0.113.9", "TargetUsername": "198.51.100.7"}', {}, True),
        ('{"SrcIpAddr": "2001:db8::7"}', {"address": "2001:db8:0:0::7"}, False),
    ],
)
def test_the_address_of_a_plain_line_is_its_last_and_nobody_types_it(
    line: str, whom: dict[str, Any], counts: bool, tables: LogTables
) -> None:
    found = an_exception(**({"address": None} | whom if whom else {}))
    assert kept(found, PLAIN, {"ResultDescription": line}, tables) == counts


def test_an_exception_works_for_events_of_telemetry(tables: LogTables) -> None:
    found = an_exception(address=None, account="anna")
    assert found.concerns(detection.load(SPRAY, ["telemetry"]))
    event = 'Properties = dynamic({"TargetUsername": "Anna", "SrcIpAddr": "203.0.113.9"})'
    for condition, left in ((found.condition("AppEvents"), 0), ("false", 1)):
        kql = f"print TimeGenerated = datetime(2026-01-05), {event} | where not({condition})"
        assert len(tables.query(kql, NOW).rows) == left


def test_an_exception_is_judged_by_the_sources_of_its_stack() -> None:
    entry = {
        "account": "anna",
        "detections": [SPRAY],
        "reason": "x",
        "expires": str(date.today() + timedelta(days=9)),
    }
    assert len(exceptions_of([entry], ["json"])) == 1
    with pytest.raises(RefusedError, match="do not tell all that is excepted"):
        exceptions_of([entry], ["lines"])


def test_the_longest_exceptions_leave_a_description_that_azure_takes(spray: Detection) -> None:
    long = "x" * 300
    each = an_exception(userAgent=long, account=long, reason=long)
    told = deployed(spray, exceptions=[each] * 9).description
    assert len(told) <= MAX_DESCRIPTION
    assert told.endswith("and 8 more.")


def test_requests_are_excepted_by_address_and_path(tables: LogTables) -> None:
    scan = detection.load("sensitive_file_probe")
    now = START + timedelta(minutes=10)
    assert accused(scan, tables, [an_exception()], now) == {OTHER}
    of_path = [an_exception(path="/.git/*"), an_exception(path="/.env")]
    assert ATTACKER in accused(scan, tables, of_path, now), "it asks for the other files as well"
    each = [an_exception(path=path) for path in ("/.git/*", "/.env", "/backup.sql", "/id_rsa")]
    assert accused(scan, tables, [*each, an_exception(path="/wp-config.php.bak")], now) == {OTHER}


def test_an_account_is_one_however_it_is_written(spray: Detection) -> None:
    found = an_exception(address=None, account="Anna")
    (condition,) = rule_exception.conditions([found], spray)["AppServiceConsoleLogs"]
    assert 'TargetUsername) =~ "Anna"' in condition


def test_the_alert_says_what_is_excepted(spray: Detection) -> None:
    found = an_exception()
    told = "address 198.51.100.7 until 2026-02-02 00:00 UTC (a test of ours)"
    assert told in deployed(spray, exceptions=[found]).description
    assert custom_properties(spray, [found])["exceptions"] == told
    assert told in from_detection(spray, exceptions=[found]).description
    assert "exceptions" not in custom_properties(
        spray, [an_exception(detections=["slow_responses"])]
    )


def test_a_rule_that_warns_of_silence_is_never_made_louder() -> None:
    silence = detection.load("no_log_lines")
    assert not an_exception().concerns(silence)
    with pytest.raises(RefusedError, match="warns of silence"):
        exceptions_of(
            [
                {
                    "address": ATTACKER,
                    "detections": ["no_log_lines"],
                    "reason": "x",
                    "expires": str(date.today() + timedelta(days=9)),
                }
            ]
        )


def test_quotes_of_a_value_stay_inside_it(spray: Detection, tables: LogTables) -> None:
    found = an_exception(address=None, account='a" or true or "')
    assert accused(spray, tables, [found]) == {ATTACKER, OTHER}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"address": None}, "excepts everybody; expected one of address, network"),
        ({"address": ""}, "address '' excepts everybody; expected one address"),
        ({"address": "*"}, "address '*' excepts everybody"),
        ({"address": "::"}, "address '::' is not allowed"),
        ({"network": "0.0.0.0/0"}, "network '0.0.0.0/0' is not allowed; expected an IPv4 network"),
        ({"network": "198.0.0.0/8"}, "expected an IPv4 network from /16 to /32"),
        ({"network": "::/0"}, "network '::/0' is not allowed"),
        ({"account": "*"}, "account '*' excepts everybody"),
        ({"account": "a*"}, "account 'a*' is not allowed; expected one account"),
        ({"userAgent": "Mozilla/5.0"}, "expected a whole user agent"),
        ({"path": "/*"}, "path '/*' excepts everybody"),
        ({"path": "/"}, "path '/' excepts everybody"),
        ({"path": "login"}, "path 'login' is not allowed"),
        ({"reason": " "}, "reason is missing; expected why"),
        ({"expires": None}, "expires is missing; expected a day such as 2026-12-31"),
        ({"expires": "soon"}, "expires 'soon' cannot be read"),
        ({"expires": "2026-02-01T10:00:00"}, "cannot be read"),
        ({"expires": "2099-01-01"}, "expires '2099-01-01' is too far away; expected 2027-01-06"),
        ({"adress": ATTACKER}, "adress is unknown; did you mean 'address'?"),
        ({"detections": SPRAY}, "detections 'password_spray' is no list"),
    ],
)
def test_what_excepts_too_much_is_refused(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(RefusedError) as raised:
        an_exception(**changes)
    assert expected in str(raised.value)
    assert raised.value.exit_code == 2


def test_a_detection_that_cannot_tell_is_no_place_for_it(spray: Detection) -> None:
    found = replace(an_exception(path="/login"), detections=(SPRAY,))
    (wrong,) = rule_exception.refusals(found, {SPRAY: spray})
    assert "do not tell all that is excepted" in str(wrong)
