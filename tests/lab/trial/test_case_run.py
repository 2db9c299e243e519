"""Cases: patterns become rows, boundaries come from the head, and mistakes are named."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from components.content import detection as detections
from components.content import places
from components.content.detection import Detection
from components.limits.alert_rule import duration
from components.limits.refusal import NOWHERE, RefusedError
from lab.cases import boundaries, case_file, case_pattern
from lab.cases.case_file import START
from lab.cases.case_pattern import CaseRow
from lab.logs import login_lines
from lab.trial import case_run
from lab.trial.case_run import CaseResult

SLUG = "brute_force_from_one_address"
SEED = places.CASES / SLUG / boundaries.FILE

Run = Callable[..., dict[str, CaseResult]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs written cases, name -> text, of one detection; the real seed stands beside them."""

    def ran(slug: str = SLUG, **files: str) -> dict[str, CaseResult]:
        folder = tmp_path / slug
        folder.mkdir()
        shutil.copy(SEED, folder)
        for name, text in files.items():
            name, _, suffix = name.partition("__")
            (folder / f"{name}.{suffix or 'yaml'}").write_text(text, encoding="utf-8")
        return {result.name: result for result in case_run.run([slug], tmp_path)}

    return ran


def rows(text: str, tmp_path: Path) -> list[CaseRow]:
    path = tmp_path / "fires_a_case.yaml"
    path.write_text(text, encoding="utf-8")
    return list(case_file.load(path, SLUG).rows)


def test_a_pattern_stands_for_its_rows(tmp_path: Path) -> None:
    found = rows(
        """
        events:
          - at: 1m
            every: 500ms
            times: 3
            delay: 10m
            event: {TargetUsername: [anna, bob], SrcIpAddr: "192.0.2.{i}"}
          - request: {CsUriStem: /missing, ScStatus: 404}
        """,
        tmp_path,
    )
    assert [row.offset for row in found] == [
        timedelta(seconds=60),
        timedelta(seconds=60.5),
        timedelta(seconds=61),
        timedelta(0),
    ]
    assert [row.values.get("TargetUsername") for row in found[:3]] == ["anna", "bob", "anna"]
    assert [row.values.get("SrcIpAddr") for row in found[:3]] == [
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
    ]
    assert found[0].delay == timedelta(minutes=10)
    assert (found[3].table, found[3].values["ScStatus"]) == ("AppServiceHTTPLogs", 404)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("events: []", "expected a list of patterns"),
        ("event: {}", "event is not a known key; did you mean 'events'?"),
        (
            "events:\n  - {evry: 5s, event: {}}",
            "events[0].evry is not a known key; did you mean 'every'?",
        ),
        (
            "events:\n  - {every: 5 s, event: {}}",
            "events[0].every '5 s' cannot be read; expected a duration: 500ms",
        ),
        ("events:\n  - {times: 0, event: {}}", "times 0 is not allowed; expected 1 to"),
        ("events:\n  - {event: {}, request: {}}", "events[0] has 2 rows; expected one of"),
        (
            "events:\n  - {event: {Username: a}}",
            "events[0].event.Username is not a known key; did you mean",
        ),
        ("events:\n  - {row: {Level: a}}", "row has no table; expected _table"),
        ("events:\n  - {at: 99h, every: 1h, times: 40, event: {}}", "the rows span more than five"),
        (
            "events:\n  - {at: 900h, event: {}}",
            "events[0].at '900h' is too long; expected at most a month",
        ),
        ("events:\n  - {at: 99999999999999h, event: {}}", "events[0].at '99999999999999h'"),
        (
            f"events:\n  - {{delay: {'9' * 400}m, event: {{}}}}",
            "is too long; expected at most a month",
        ),
        ("events:\n  - {every: 9999999h, times: 100000, event: {}}", ".yaml:2)"),
        ("judged: {until: 1e9h}\nevents:\n  - {event: {}}", "judged.until '1e9h' cannot be read"),
        (
            "judged: {until: 9999999999h}\nevents:\n  - {event: {}}",
            "judged.until '9999999999h' is too long",
        ),
        ("alerts: [SrcIpAddr]\nevents:\n  - {event: {}}", "expected a list of dimension values"),
        ("events:\n  - {event: {}}\nalets: []", "did you mean 'alerts'? (/"),
        ("events:\n  - {event: {}}\nalets: []", "fires_a_case.yaml:3)"),
        ("events: [", "the file is not YAML"),
        ("- a", "is not a mapping; expected keys about, alerts, judged, "),
    ],
)
def test_a_mistake_names_file_key_and_expectation(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RefusedError, match="fires_a_case.yaml") as refusal:
        rows(text, tmp_path)
    assert message in str(refusal.value)


def test_a_name_has_to_say_what_is_expected(tmp_path: Path) -> None:
    path = tmp_path / "twenty_failures.yaml"
    path.write_text("events:\n  - {event: {}}\n", encoding="utf-8")
    with pytest.raises(RefusedError, match=r"expected fires_\.\.\., silent_\.\.\. or"):
        case_file.load(path, SLUG)


def test_broken_cases_fail_and_the_rest_still_runs(run: Run) -> None:
    results = run(
        fires_thirty="events:\n  - {every: 2s, times: 30, event: {SrcIpAddr: 192.0.2.7}}\n",
        fires_typo="evnts: []\n",
        silent_column="events:\n  - {row: {_table: AppServiceHTTPLogs, Status: 404}}\n",
        silent_table="events:\n  - {row: {_table: AppServiceHTTPLog}}\n",
        silent_none="events:\n  - {event: {}}\n",
    )
    assert results["fires_thirty"].passed
    assert results["silent_none"].passed
    assert "did you mean 'events'?" in results["fires_typo"].reason
    assert "events[0].row.Status is not a column" in results["silent_column"].reason
    assert results["silent_column"].reason.endswith("silent_column.yaml:2)")
    assert "did you mean 'AppServiceHTTPLogs'?" in results["silent_table"].reason
    assert results["fires_at_20"].generated
    assert results["fires_at_20"].passed


def test_a_case_that_fails_says_how_near_it_was(run: Run) -> None:
    results = run(
        fires_too_few="events:\n  - {times: 12, event: {SrcIpAddr: 192.0.2.7}}\n",
        silent_too_many="events:\n  - {times: 30, event: {SrcIpAddr: 192.0.2.7}}\n",
        fires_elsewhere=(
            "alerts: [{SrcIpAddr: 192.0.2.8}]\n"
            "events:\n  - {times: 30, event: {SrcIpAddr: 192.0.2.7}}\n"
        ),
    )
    assert not any(result.passed for result in results.values() if not result.generated)
    assert "no alert; nearest was 12 of 20 for SrcIpAddr 192.0.2.7" in (
        results["fires_too_few"].reason
    )
    assert "1 alerts, first for SrcIpAddr 192.0.2.7" in results["silent_too_many"].reason
    assert "expected SrcIpAddr 192.0.2.8" in results["fires_elsewhere"].reason


def test_recorded_rows_are_a_case_too(run: Run) -> None:
    event = {"EventSchema": "Authentication", "EventType": "Logon", "EventResult": "Failure"}
    event |= {"TargetUsername": "anna", "SrcIpAddr": "192.0.2.7"}
    recorded = [
        json.dumps(
            {
                "_table": "AppServiceConsoleLogs",
                "TimeGenerated": f"2025-03-04T10:00:{second:02}Z",
                "ResultDescription": json.dumps(event),
            }
        )
        for second in range(25)
    ]
    results = run(
        fires_recorded__jsonl="\n".join(recorded),
        fires_cut__jsonl="\n".join([*recorded, '{"_table": ']),
    )
    assert results["fires_recorded"].passed
    assert "is not JSON" in results["fires_cut"].reason
    assert "fires_cut.jsonl:26" in results["fires_cut"].reason


def test_rows_that_arrive_after_the_window_has_passed_are_not_seen(run: Run) -> None:
    pattern = "events:\n  - {{times: 30, delay: {}, event: {{SrcIpAddr: 192.0.2.7}}}}\n"
    minutes = duration(detections.load(SLUG).window) // timedelta(minutes=1)
    results = run(
        fires_late=pattern.format(f"{minutes - 10}m"),
        silent_too_late=pattern.format(f"{minutes + 1}m"),
    )
    assert results["fires_late"].passed
    assert results["silent_too_late"].passed


def test_a_folder_without_detection_is_a_failed_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, cases = tmp_path / "kql", tmp_path / "cases"
    library.mkdir()
    shutil.copy(detections.DETECTIONS / "password_spray.kql", library)
    (cases / "pasword_spray").mkdir(parents=True)
    monkeypatch.setattr(detections, "DETECTIONS", library)
    results = [each for each in case_run.run([], cases) if each.slug == "pasword_spray"]
    assert [result.passed for result in results] == [False]
    assert "did you mean 'password_spray'?" in results[0].reason


def test_a_wish_for_an_unknown_detection_is_refused() -> None:
    with pytest.raises(RefusedError, match="did you mean 'password_spray'?"):
        case_run.run(["pasword_spray"])


@pytest.fixture
def brute_force() -> Detection:
    return replace(detections.load(SLUG), window="PT30M", threshold=20)


def test_boundaries_follow_the_head(brute_force: Detection) -> None:
    changed = replace(brute_force, threshold=7, operator="GreaterThan")
    found = {each.name: each for each in boundaries.generate(changed, SEED.parent)}
    assert list(found) == [
        "fires_at_8",
        "fires_at_8_arriving_late",
        "silent_at_7",
        "silent_at_8_spread_past_the_window",
        "silent_at_8_in_two_parts_past_the_window",
        "fires_at_8_in_two_parts_inside_the_window",
        "silent_at_8_split_over_two_values_of_SrcIpAddr",
        "silent_at_8_without_SrcIpAddr",
        "silent_at_8_of_another_event_type",
    ]
    spread = found["silent_at_8_spread_past_the_window"].rows
    assert spread[7].offset - spread[0].offset > timedelta(minutes=30)
    past = found["silent_at_8_in_two_parts_past_the_window"].rows
    assert past[7].offset - past[0].offset == timedelta(minutes=30, seconds=1)
    inside = found["fires_at_8_in_two_parts_inside_the_window"].rows
    assert timedelta(minutes=29) < inside[7].offset - inside[0].offset < timedelta(minutes=30)
    late = found["fires_at_8_arriving_late"].rows
    assert timedelta(0) < late[0].delay < timedelta(minutes=30)
    split = found["silent_at_8_split_over_two_values_of_SrcIpAddr"].rows
    assert [row.values["SrcIpAddr"] for row in split] == ["198.51.100.7"] * 4 + ["198.51.100.8"] * 4


def test_a_unit_may_be_worth_more_or_less_than_one(brute_force: Detection, tmp_path: Path) -> None:
    seed = "unit: {event: {SrcIpAddr: 192.0.2.1}}\nworth: 3\nsplit: {SrcIpAddr: 192.0.2.2}\n"
    (tmp_path / boundaries.FILE).write_text(seed, encoding="utf-8")
    found = [each.name for each in boundaries.generate(brute_force, tmp_path)]
    assert found[:3] == ["fires_at_7", "fires_at_7_arriving_late", "silent_at_6"]


TOO_LITTLE = """AppServiceHTTPLogs | where CIp != "" """


@pytest.mark.parametrize(
    ("operator", "dimensions", "least"),
    [("LessThan", (), 3), ("LessThanOrEqual", ("CIp",), 4), ("LessThan", ("CIp",), 3)],
)
def test_a_rule_that_warns_of_too_little_has_its_boundaries_the_other_way_round(
    brute_force: Detection,
    tmp_path: Path,
    operator: str,
    dimensions: tuple[str, ...],
    least: int,
) -> None:
    rule = replace(
        brute_force,
        query=TOO_LITTLE,
        functions=(),
        measure_column=None,
        aggregation="Count",
        operator=operator,
        threshold=3,
        dimensions=dimensions,
    )
    seed = "unit: {request: {CIp: 192.0.2.1}}\n"
    seed += "split: {CIp: 192.0.2.2}\n" if dimensions else ""
    (tmp_path / boundaries.FILE).write_text(seed, encoding="utf-8")
    found, broken = case_run.load(rule, tmp_path)
    assert not broken
    names = [case.name for case in found]
    assert {f"silent_at_{least}", f"silent_at_{least}_arriving_late", f"fires_at_{least - 1}"} <= {
        *names
    }
    assert f"fires_at_{least}_spread_past_the_window" in names
    assert (f"fires_at_{least}_split_over_two_values_of_CIp" in names) == bool(dimensions)
    results = case_run._judge(rule, case_run.prepare(found))
    assert len(results) == len(found)
    assert not [result for result in results if not result.passed]


def test_values_with_which_a_unit_is_evidence_or_none_become_cases(
    brute_force: Detection, tmp_path: Path
) -> None:
    (tmp_path / boundaries.FILE).write_text(
        "unit: {event: {SrcIpAddr: 192.0.2.1}}\nsplit: {SrcIpAddr: 192.0.2.2}\n"
        "like: [{TargetUsername: bob}]\n"
        "unlike: [{EventResult: Success}, {TargetUsername: [a, b]}]\n",
        encoding="utf-8",
    )
    found = {each.name: each for each in boundaries.generate(brute_force, tmp_path)}
    bobs = found["fires_at_20_with_TargetUsername_bob"].rows
    assert [row.values["TargetUsername"] for row in bobs] == ["bob"] * 20
    assert not found["silent_at_20_with_EventResult_Success"].fires
    turns = found["silent_at_20_with_TargetUsername_a_b"].rows
    assert [row.values["TargetUsername"] for row in turns[:3]] == ["a", "b", "a"]


def test_nothing_at_all_is_below_a_threshold_of_one(brute_force: Detection, tmp_path: Path) -> None:
    rule = replace(
        brute_force,
        query=TOO_LITTLE,
        functions=(),
        measure_column=None,
        aggregation="Count",
        operator="LessThan",
        threshold=1,
        dimensions=(),
    )
    (tmp_path / boundaries.FILE).write_text("unit: {request: {}}\n", encoding="utf-8")
    found, _ = case_run.load(rule, tmp_path)
    assert [case.name for case in found] == [
        "silent_at_1",
        "silent_at_1_arriving_late",
        "fires_at_0",
    ]
    assert all(result.passed for result in case_run._judge(rule, case_run.prepare(found)))


def test_a_case_may_say_when_the_rule_is_evaluated(run: Run) -> None:
    pattern = (
        "judged: {{from: {}, until: {}}}\n"
        "events:\n  - {{times: 30, event: {{SrcIpAddr: 192.0.2.7}}}}\n"
    )
    results = run(
        fires_while=pattern.format("1m", "20m"),
        silent_afterwards=pattern.format("3h", "4h"),
        silent_never=pattern.format("2h", "1h"),
    )
    assert results["fires_while"].passed
    assert results["silent_afterwards"].passed
    assert results["silent_never"].wrong
    assert "expected from before until" in results["silent_never"].reason


def test_what_follows_the_units_comes_last(brute_force: Detection, tmp_path: Path) -> None:
    (tmp_path / boundaries.FILE).write_text(
        "every: 10s\nunit: {event: {SrcIpAddr: 192.0.2.1}}\n"
        "after: [{event: {EventResult: Success}}]\nsplit: {SrcIpAddr: 192.0.2.2}\n",
        encoding="utf-8",
    )
    found = {each.name: each for each in boundaries.generate(brute_force, tmp_path)}
    made = found["fires_at_20"].rows
    assert made[-1].values["EventResult"] == "Success"
    assert made[-1].offset == timedelta(seconds=200)
    split = found["silent_at_20_split_over_two_values_of_SrcIpAddr"].rows
    ends = [row.values["SrcIpAddr"] for row in split if row.values["EventResult"] == "Success"]
    assert ends == ["192.0.2.10", "192.0.2.2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the file is missing; expected one unit of evidence"),
        ("unit: {event: {}}", "split has no SrcIpAddr"),
        (
            "unit: {evnt: {}}\nsplit: {SrcIpAddr: a}",
            "unit.evnt is not a known key; did you mean 'event'",
        ),
        ("every: 5\nunit: {event: {}}\nsplit: {SrcIpAddr: a}", "every 5 cannot be read"),
        ("unit: {event: {}}\nevery: 99999999999h", "split has no SrcIpAddr"),
        (
            "unit: {event: {}}\nsplit: {SrcIpAddr: a}\nevery: 99999999999h",
            "boundary.yaml:3)",
        ),
        ("every: 5m\nunit: {event: {}}\nsplit: {SrcIpAddr: a}", "is too long; expected 20 units"),
        ("unit: {event: {}}\nsplit: {CIp: a}", "split.CIp is not a known key"),
        ("unit: {event: {}}\nworth: 0\nsplit: {SrcIpAddr: a}", "worth 0 is not allowed"),
        ("unit: {event: {}}\nparts: 1\nsplit: {SrcIpAddr: a}", "parts 1 is not allowed"),
        ("unit: [", "expected keys every, unit, worth, after"),
    ],
)
def test_a_seed_that_cannot_be_used_is_named(
    brute_force: Detection, tmp_path: Path, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / boundaries.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match="boundary.yaml") as refusal:
        boundaries.generate(brute_force, tmp_path)
    assert message in str(refusal.value)


def test_login_events_are_printed_by_the_apps_own_serializer() -> None:
    fields = {"EventType": "Logon", "EventResult": "Failure", "TargetUsername": 'O\'Brien "x"\n'}
    (line,) = login_lines.lines([(START, fields | {"SrcPortNumber": 7, "SrcIpAddr": ""})])
    assert "\n" not in line
    read = json.loads(line)
    assert list(read) == [
        "ts",
        "EventSchema",
        "EventSchemaVersion",
        "EventVendor",
        "EventProduct",
        "EventType",
        "EventResult",
        "TargetUsername",
        "SrcPortNumber",
    ]
    assert read["ts"].startswith("2026-01-05T07:30:00")
    assert read["SrcPortNumber"] == 7


def test_a_changed_threshold_fails_the_boundary(brute_force: Detection) -> None:
    """The proof that cases prove something: `>=` becomes `>`, and the boundary says so."""
    found, _ = case_run.load(brute_force, SEED.parent)
    changed = replace(brute_force, threshold=21)
    results = case_run._judge(changed, case_run.prepare(found))
    assert [each.name for each in results if each.generated and not each.passed] == [
        "fires_at_20",
        "fires_at_20_arriving_late",
        "fires_at_20_in_two_parts_inside_the_window",
    ]


def test_the_durations_of_a_case_are_short_words() -> None:
    assert case_pattern.span("1.5h", NOWHERE) == timedelta(minutes=90)


def test_what_is_there_before_is_there_in_every_boundary_case(tmp_path: Path) -> None:
    (tmp_path / boundaries.FILE).write_text(
        """
        every: 10s
        delay: 20m
        from: 26h
        before:
          - {at: 1h, times: 2, event: {TargetUsername: anna, EventResult: Success}}
        unit:
          event: {TargetUsername: anna, SrcIpAddr: 192.0.2.10}
        split: {SrcIpAddr: 192.0.2.11}
        """,
        encoding="utf-8",
    )
    for each in boundaries.generate(detections.load(SLUG), tmp_path):
        before, units = each.rows[:2], each.rows[2:]
        assert [row.offset for row in before] == [timedelta(hours=1)] * 2, each.name
        assert min(row.offset for row in units) >= timedelta(hours=26), each.name
        assert min(row.delay for row in units) >= timedelta(minutes=20), each.name
    assert list(boundaries.generate(detections.load(SLUG), tmp_path))


def test_of_a_learned_threshold_a_case_says_what_is_measured(tmp_path: Path) -> None:
    slug = "sign_ins_unlike_usual"
    folder = tmp_path / slug
    folder.mkdir()
    event = "events: [{times: 3, event: {EventResult: Success}}]"
    (folder / "measures_right.yaml").write_text(f"value: 3\n{event}", encoding="utf-8")
    (folder / "measures_wrong.yaml").write_text(f"value: 4\n{event}", encoding="utf-8")
    (folder / "measures_no_value.yaml").write_text(event, encoding="utf-8")
    (folder / "fires_somehow.yaml").write_text(event, encoding="utf-8")
    found = {result.name: result for result in case_run.run([slug], tmp_path)}
    assert found["measures_right"].passed
    assert "measured 3; expected 4" in found["measures_wrong"].reason
    assert "value None is not allowed; expected a number" in found["measures_no_value"].reason
    assert "expected measures_..." in found["fires_somehow"].reason
    assert len(found) == 4, "no boundary is made for it"
