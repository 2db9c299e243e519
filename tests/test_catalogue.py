"""The rules about all detections and functions; each test lists every offender."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from components import detection, kql_file, kql_function
from components.alert_rule_limits import duration
from components.detection import Detection
from lab.azure.log_tables import TABLES, LogTables

TESTS = Path(__file__).parent
ROOT = TESTS.parent
CASES = TESTS / "detections"
PARSER = "@kusto/language-service-next"
NUMBERS = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*")

# A burst of ten minutes has to lie inside one window at some evaluation, although its rows arrive
# minutes later (Azure: 3 to 10) and evaluations do not wait for it.
BURST = timedelta(minutes=10)
ARRIVAL = timedelta(minutes=3)

DETECTIONS = detection.load_all()

Offence = Callable[[Detection], object]


@pytest.fixture(scope="module")
def tables() -> Iterator[LogTables]:
    """Empty tables with the types of Microsoft's reference."""
    found = LogTables()
    yield found
    found.close()


def offenders(offence: Offence) -> list[str]:
    """`slug: what is wrong` for each detection in which something is."""
    found = ((slug, offence(each)) for slug, each in DETECTIONS.items())
    return [f"{slug}: {wrong}" for slug, wrong in found if wrong]


def test_there_are_detections() -> None:
    assert len(DETECTIONS) >= 6


def test_a_description_is_one_sentence_that_fits_a_table() -> None:
    assert not offenders(
        lambda each: (
            not (each.description.endswith(".") and len(each.description) <= 160)
            and each.description
        )
    )


def test_a_window_holds_a_burst_whole_however_the_evaluations_fall() -> None:
    assert not offenders(
        lambda each: (
            duration(each.window) < BURST + ARRIVAL + duration(each.frequency)
            and f"window {each.window}, frequency {each.frequency}"
        )
    )


def test_every_technique_is_in_the_list() -> None:
    lines = (TESTS / "attack_techniques.txt").read_text(encoding="utf-8").splitlines()
    known = {line.split()[0] for line in lines if line.startswith("T")}
    assert not offenders(lambda each: sorted(set(each.attack) - known))


def test_every_blind_spot_and_response_is_a_sentence() -> None:
    assert not offenders(
        lambda each: [text for text in (*each.blind_spots, each.response) if not text.endswith(".")]
    )


def test_every_named_neighbour_exists() -> None:
    def strangers(each: Detection) -> list[str]:
        text = " ".join((*each.blind_spots, *each.false_positives, each.response))
        return [word for word in re.findall(r"\bsee (\w+_\w+)", text) if word not in DETECTIONS]

    assert not offenders(strangers)


def test_the_head_names_the_tables_that_the_query_reads(tables: LogTables) -> None:
    assert set(TABLES) >= {table for each in DETECTIONS.values() for table in each.tables}
    assert not offenders(
        lambda each: sorted(set(each.tables) ^ tables.tables_in(each.rendered_query()))
    )


def test_dimensions_and_measure_are_columns_of_the_result(tables: LogTables) -> None:
    def missing(each: Detection) -> list[str]:
        shape = tables.shape(each.rendered_query())
        wrong = [name for name in each.dimensions if name not in shape]
        measure = each.measure_column
        if measure and not NUMBERS.fullmatch(shape.get(measure, "")):
            wrong.append(f"{measure} is no number")
        return wrong

    assert not offenders(missing)


def test_no_query_narrows_the_window_of_its_head() -> None:
    def narrowing(each: Detection) -> list[str]:
        return re.findall(
            r"\bago\s*\(|\bnow\s*\(|TimeGenerated\s*[<>]", kql_file.code_only(each.query)
        )

    assert not offenders(narrowing)


def test_no_query_hides_its_threshold() -> None:
    """A comparison of the measured column in the query would be a second threshold."""

    def hidden(each: Detection) -> list[str]:
        pattern = rf"\| where {each.measure_column} *(?:[<>]=?|==) *(?!0\b)\w+ *(?:$|\|)"
        return re.findall(pattern, kql_file.code_only(each.query), re.MULTILINE)

    assert not offenders(hidden)


def test_login_detections_tell_failure_from_success() -> None:
    assert not offenders(
        lambda each: (
            "AppServiceConsoleLogs" in each.tables
            and "EventResult ==" not in each.query
            and "no filter on EventResult"
        )
    )


def test_whoever_searches_the_path_searches_the_query_too() -> None:
    """Unless only the status matters: attacks hide in CsUriQuery, CsUriStem is never encoded."""
    assert not offenders(
        lambda each: (
            "CsUriStem" in each.query
            and not {"CsUriQuery", "ScStatus"} & set(re.findall(r"\w+", each.query))
            and "CsUriStem without CsUriQuery"
        )
    )


def test_no_text_of_a_visitor_becomes_a_dimension_of_any_length() -> None:
    """Addresses come from the front end; a user name is whatever somebody typed."""
    assert not offenders(
        lambda each: (
            "TargetUsername" in each.dimensions
            and "AccountKey(TargetUsername)" not in each.query
            and "TargetUsername is not cut"
        )
    )


def test_each_detection_has_cases_that_fire_and_cases_that_stay_silent() -> None:
    def lacking(each: Detection) -> list[str]:
        names = [path.name for path in (CASES / each.slug).glob("*")]
        fires = sum(name.startswith("fires_") for name in names)
        silent = sum(name.startswith("silent_") for name in names)
        return [
            *([f"{fires} fires_ cases, expected 2"] if fires < 2 else []),
            *([f"{silent} silent_ cases, expected 3"] if silent < 3 else []),
            *([] if "boundary.yaml" in names else ["no boundary.yaml"]),
        ]

    assert not offenders(lacking)


def test_each_detection_has_an_attack() -> None:
    assert not offenders(
        lambda each: (
            not (ROOT / "traffic" / "attacks" / f"{each.slug}.py").is_file() and "no attack module"
        )
    )


def test_every_function_is_used_by_some_detection() -> None:
    used = {function.name for each in DETECTIONS.values() for function in each.functions}
    assert kql_function.load_all().keys() == used


@pytest.mark.node
def test_microsofts_parser_accepts_every_query() -> None:
    modules = next((place for place in _node_paths() if (Path(place) / PARSER).is_dir()), None)
    if shutil.which("node") is None or modules is None:
        pytest.skip(f"node or {PARSER} is not installed; tests/install-tools.sh installs both")
    queries = {slug: each.rendered_query() for slug, each in DETECTIONS.items()}
    # A saved function stands alone in the workspace, so it must parse alone too.
    functions = kql_function.load_all()
    for name, function in functions.items():
        if not function.parameters:
            queries[name] = function.body
    ran = subprocess.run(
        ["node", str(TESTS / "kusto_parser.cjs")],
        input=json.dumps({"tables": TABLES, "queries": queries}),
        env={**os.environ, "NODE_PATH": modules},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(ran.stdout) == {}


def _node_paths() -> list[str]:
    return [
        *os.environ.get("NODE_PATH", "").split(os.pathsep),
        str(ROOT / ".lab/kusto/node_modules"),
    ]
