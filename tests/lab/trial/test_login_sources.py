"""Each source of login events in the lab's engine: what it makes of a log fires, or does not."""

from itertools import groupby
from pathlib import Path

import pytest

from components.content import detection, kql_function, login_sources
from components.content.places import ROOT
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.cases import case_file
from lab.trial import case_run
from lab.trial.case_trial import CaseTrial

FOLDER = ROOT / "tests" / "sources"
CASES = {
    folder.relative_to(FOLDER).as_posix(): list(paths)
    for folder, paths in groupby(sorted(FOLDER.glob("*/*/*.yaml")), lambda path: path.parent)
}


@pytest.mark.parametrize("pair", CASES)
def test_a_detection_reads_the_events_of_a_source(pair: str) -> None:
    source, slug = pair.split("/")
    found = detection.load(slug, [source])
    assert found.lack is None
    cases = [case_file.load(path, slug) for path in CASES[pair]]
    trial, rule = CaseTrial(case_run.prepare(cases)), AlertRule.from_detection(found)
    try:
        outcomes = list(trial.outcomes(rule, range(len(cases))))
    finally:
        trial.close()
    assert len(outcomes) == len(cases)
    reasons = [outcome.reason(cases[number], rule) for number, outcome in outcomes]
    assert [reason for reason in reasons if reason] == []


def test_each_source_has_cases_of_both_kinds() -> None:
    kinds = {
        (pair.split("/")[0], path.stem.partition("_")[0])
        for pair, paths in CASES.items()
        for path in paths
    }
    sources = set(login_sources.known(kql_function.load_all())) - {login_sources.OWN}
    assert kinds == {(source, kind) for source in sources for kind in ("fires", "silent")}


def test_stray_cases_are_found() -> None:
    read = {path for paths in CASES.values() for path in paths}
    assert {path for path in Path(FOLDER).rglob("*") if path.is_file()} == read
