"""`python -m lab test` in a library of one detection, whose cases are broken one by one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository_copy import Ended, RepositoryCopy

SLUG = "brute_force_from_one_address"
CASES = Path("tests/detections")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> RepositoryCopy:
    copy = RepositoryCopy(tmp_path_factory.mktemp("copy"))
    for path in (copy.folder / "kql" / "detections").glob("*.kql"):
        if path.stem != SLUG:
            path.unlink()
    for folder in (copy.folder / CASES).iterdir():
        if folder.is_dir() and folder.name != SLUG:
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
    return copy


@pytest.fixture
def library(shared: RepositoryCopy) -> Iterator[Path]:
    """The folder of the cases; what a test adds goes with it."""
    folder = shared.folder / CASES
    before = set(folder.rglob("*"))
    yield folder
    for path in sorted(set(folder.rglob("*")) - before, reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def failures(ended: Ended) -> dict[str, str]:
    """Reasons by case; what could be run has passed."""
    assert ended.code == 2, ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
    *lines, summary = ended.out.splitlines()
    told = [re.fullmatch(r"fail \S+ (\S+): (.*)", line) for line in lines]
    found = {each[1]: each[2] for each in told if each}
    counted = re.fullmatch(r"(\d+) passed, 0 failed, (\d+) cannot be read", summary)
    assert counted, summary
    assert int(counted[1]) >= 10, "the rest did not run"
    assert int(counted[2]) == len(lines) == len(found)
    return found


def test_a_sound_library_passes(shared: RepositoryCopy, library: Path) -> None:
    ended = shared.run("test")
    assert (ended.code, ended.err) == (0, "")


def test_each_broken_case_is_named_with_line_and_key_and_the_rest_runs(
    shared: RepositoryCopy, library: Path
) -> None:
    place = f"tests/detections/{SLUG}"
    broken = {
        "fires_huge_start": "about: x\nevents:\n  - {at: 99999999999999999h, event: {}}",
        "fires_huge_step": "events:\n  - {every: 9999999999h, times: 3, event: {}}",
        "silent_huge_delay": f"events:\n  - event: {{}}\n  - {{delay: {'9' * 400}s, event: {{}}}}",
        "silent_column": "events:\n  - event: {}\n  - request: {CsUriStemm: /}",
        "silent_table": "events:\n  - row: {_table: AppServiceHTTPLog}",
        "silent_value": "events:\n  - request: {ScStatus: many}",
        "silent_key": "events:\n  - {event: {}, at: 5s, tmies: 3}",
        "fires_top": "events:\n  - {event: {}}\nalrets: []",
    }
    for name, text in broken.items():
        (library / SLUG / f"{name}.yaml").write_text(text)
    row = '{"_table": "AppServiceHTTPLogs", "TimeGenerated": "2026-01-05T08:00:00Z", "%s": "GET"}'
    recorded = "\n".join([row % "CsMethod", row % "Method"])
    (library / SLUG / "silent_recorded.jsonl").write_text(recorded)
    found = failures(shared.run("test"))
    assert found.keys() == {*broken, "silent_recorded"}
    for name, end in {
        "fires_huge_start": f"a month (744h) ({place}/fires_huge_start.yaml:3)",
        "fires_huge_step": f"a month (744h) ({place}/fires_huge_step.yaml:2)",
        "silent_huge_delay": f"(744h) ({place}/silent_huge_delay.yaml:3)",
        "silent_column": f"({place}/silent_column.yaml:3)",
        "silent_table": f"({place}/silent_table.yaml:2)",
        "silent_value": f"({place}/silent_value.yaml:2)",
        "silent_key": f"did you mean 'times'? ({place}/silent_key.yaml:2)",
        "fires_top": f"did you mean 'alerts'? ({place}/fires_top.yaml:3)",
        "silent_recorded": f"({place}/silent_recorded.jsonl:2)",
    }.items():
        assert found[name].endswith(end), found[name]
    assert (
        "events[1].request.CsUriStemm is not a column; did you mean 'CsUriStem'?"
        in found["silent_column"]
    )
    assert "'AppServiceHTTPLogs'?" in found["silent_table"]
    assert (
        "events[0].request.ScStatus 'many' does not fit; expected a whole number"
        in found["silent_value"]
    )
    assert "Method is not a column" in found["silent_recorded"]
    assert max(len(reason) for reason in found.values()) < 250


def test_cases_of_a_missing_detection_are_named_and_the_rest_runs(
    shared: RepositoryCopy, library: Path
) -> None:
    slip = "brute_force_from_one_adress"
    (library / slip).mkdir()
    (library / slip / "fires_one.yaml").write_text("events:\n  - event: {}")
    found = failures(shared.run("test"))
    assert found == {
        "-": f"detection '{slip}' is unknown; did you mean '{SLUG}'? (tests/detections/{slip})"
    }


def test_a_wish_for_a_missing_detection_is_wrong_usage(
    shared: RepositoryCopy, library: Path
) -> None:
    ended = shared.run("test", "brute_force_from_one_adress")
    assert (ended.code, ended.out) == (2, "")
    assert f"did you mean '{SLUG}'?" in ended.text
    assert "Traceback" not in ended.err


def test_a_seed_of_boundaries_that_cannot_be_read_is_named(
    shared: RepositoryCopy, library: Path
) -> None:
    seed = f"{CASES}/{SLUG}/boundary.yaml"
    whole = (shared.folder / seed).read_text()
    try:
        shared.write(seed, f"{whole}\ndelay: 99999999999h\n")
        found = failures(shared.run("test", SLUG))
    finally:
        shared.restore()
    line = whole.count("\n") + 2
    assert found.keys() == {"boundary"}
    assert found["boundary"].endswith(f"at most a month (744h) ({seed}:{line})")


FIRST = '| where IsTry and SrcIpAddr != ""'
LAST = "| where Failures > 0"
RESULT = "| project SrcIpAddr = AddressOrBlock("
DIMENSIONS = "// dimensions: [SrcIpAddr]"


@pytest.mark.parametrize(
    ("old", "new", "at", "told"),
    [
        (FIRST, FIRST.replace("IsTry", "LogLevel"), FIRST, "'LogLevel' does not exist"),
        (FIRST, FIRST.replace("SrcIp", "SrcIpp"), FIRST, "did you mean 'SrcIpAddr'?"),
        (LAST, LAST.replace("where", "wher"), LAST, "'wher' is unknown; did you mean 'where'?"),
        (LAST, LAST.replace(">", ">>"), LAST, "'>' is not expected here; expected"),
        (RESULT, RESULT.replace("IpAddr", "IpAdr"), DIMENSIONS, "did you mean 'SrcIpAdr'?"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_is_one_finding_at_its_place(
    shared: RepositoryCopy, library: Path, old: str, new: str, at: str, told: str
) -> None:
    """Not one for each of its cases, in the line of the query with its functions above."""
    file = f"kql/detections/{SLUG}.kql"
    lines = (shared.folder / file).read_text().splitlines()
    try:
        shared.replace(file, old, new)
        ended = shared.run("test")
    finally:
        shared.restore()
    assert ended.code == 2, ended.text
    (line, summary) = ended.out.splitlines()
    assert line.startswith(f"fail {SLUG} -: ")
    assert told in line
    assert f"({file}:{lines.index(at) + 1})" in line
    assert len(line) < 450
    assert summary == "0 passed, 0 failed, 1 cannot be read"
