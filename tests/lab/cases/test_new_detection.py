"""`lab new`: files that are sound in form and say what is still to be written."""

import ast
from pathlib import Path

import pytest

from components.content import detection, kql_function, places
from components.limits.refusal import RefusedError
from lab.cases import todo
from lab.trial import case_run
from lab.verbs import import_, new
from traffic.people import population

SLUG = "login_from_nowhere"


def made(tmp_path: Path, neighbour: str | None = None) -> detection.Detection:
    new.run(SLUG, neighbour, tmp_path)
    path = tmp_path / "kql" / "detections" / f"{SLUG}.kql"
    return detection.read(path, kql_function.load_all())


@pytest.mark.parametrize("neighbour", [None, "password_spray", "request_flood"])
def test_head_query_seed_and_cases_are_sound_in_form(tmp_path: Path, neighbour: str | None) -> None:
    found = made(tmp_path, neighbour)
    folder = tmp_path / "tests" / "detections" / SLUG
    made_cases, broken = case_run.load(found, folder)
    assert not broken
    written = [case.name.partition("_")[0] for case in made_cases if not case.generated]
    assert sorted(written) == ["fires"] * 2 + ["silent"] * 3
    results = case_run._judge(found, case_run.prepare(made_cases))
    assert not [each.reason for each in results if each.wrong]
    if neighbour is None:
        assert not [each.reason for each in results if not each.passed]


def test_what_only_the_author_knows_is_named_with_file_and_line(tmp_path: Path) -> None:
    made(tmp_path)
    places = todo.places(SLUG, tmp_path / "tests" / "detections", tmp_path)
    assert all(place.startswith("still to be written: ") for place in places)
    assert any("what whoever is woken by it does first" in place for place in places)
    assert any("silent_ordinary_people.yaml:1" in place for place in places)
    assert any(f"{SLUG}.py:1" in place for place in places)


def test_nothing_of_the_library_is_still_to_be_written() -> None:
    unwritten = [todo.places(path.stem, places.CASES) for path in detection.DETECTIONS.glob("*")]
    assert not [place for each in unwritten for place in each]
    assert len(unwritten) > 40


def test_the_attack_is_a_scenario(tmp_path: Path) -> None:
    made(tmp_path)
    text = (tmp_path / "traffic" / "attacks" / f"{SLUG}.py").read_text(encoding="utf-8")
    ast.parse(text)
    names: dict[str, object] = {}
    exec(compile(text, SLUG, "exec"), names)  # noqa: S102  # the file just written
    scenario = names["scenario"]
    assert callable(scenario)
    found = scenario(0, population(0, 5))
    assert found.slug == SLUG
    assert len(found.actions) == 30


@pytest.mark.parametrize("slug", ["Login_x", "login", "a b", "_a_b", "a__b", "../a_b", "a_" * 31])
def test_a_slug_has_a_form(tmp_path: Path, slug: str) -> None:
    with pytest.raises(RefusedError, match="expected <subject>_<behaviour>"):
        new.run(slug, None, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_slug_that_is_taken_is_refused_and_nothing_written(tmp_path: Path) -> None:
    path = tmp_path / "traffic" / "attacks" / f"{SLUG}.py"
    path.parent.mkdir(parents=True)
    path.write_text("", encoding="utf-8")
    with pytest.raises(RefusedError, match="exists; expected a slug that is not taken"):
        made(tmp_path)
    assert not (tmp_path / "kql").exists()


IMPORTED = """\
name: Server errors for one client
severity: Low
queryFrequency: 5m
queryPeriod: 30m
triggerOperator: gt
triggerThreshold: 0
relevantTechniques: [T1190]
entityMappings:
  - entityType: IP
    fieldMappings: [{identifier: Address, columnName: CIp}]
query: |
  AppServiceHTTPLogs
  | where ScStatus >= 500
  | summarize Errors = count() by CIp
  | where Errors >= 20
kind: Scheduled
"""


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """A query alone, as `lab import sentinel` leaves it."""
    rule = tmp_path / "rule.yaml"
    rule.write_text(IMPORTED, encoding="utf-8")
    folder = tmp_path / "kql" / "detections"
    folder.mkdir(parents=True)
    import_.run(rule, SLUG, folder)
    return folder / f"{SLUG}.kql"


def test_an_imported_query_is_kept_and_gets_what_it_lacks(tmp_path: Path, imported: Path) -> None:
    before = imported.read_text(encoding="utf-8")
    found = made(tmp_path)
    assert imported.read_text(encoding="utf-8") == before
    assert (tmp_path / "traffic" / "attacks" / f"{SLUG}.py").is_file()
    folder = tmp_path / "tests" / "detections" / SLUG
    made_cases, broken = case_run.load(found, folder)
    assert not broken
    assert sum(not case.generated for case in made_cases) == 5
    assert any(case.generated for case in made_cases)
    results = case_run._judge(found, case_run.prepare(made_cases))
    assert not [each.reason for each in results if each.wrong]
    with pytest.raises(RefusedError, match="exists; expected a slug that is not taken"):
        made(tmp_path)


def test_what_an_imported_query_has_already_is_kept_too(tmp_path: Path, imported: Path) -> None:
    attack = tmp_path / "traffic" / "attacks" / f"{SLUG}.py"
    attack.parent.mkdir(parents=True)
    attack.write_text("# mine", encoding="utf-8")
    made(tmp_path)
    assert attack.read_text(encoding="utf-8") == "# mine"
    assert len(list((tmp_path / "tests" / "detections" / SLUG).glob("*.yaml"))) == 6
    assert imported.is_file()


def test_a_query_that_is_kept_takes_no_neighbour(tmp_path: Path, imported: Path) -> None:
    with pytest.raises(RefusedError, match="expected no --from password_spray"):
        made(tmp_path, "password_spray")
    assert not (tmp_path / "tests").exists()
    assert imported.is_file()


@pytest.mark.parametrize("slug", ["password_spray", "app_restarts", "sign_ins_unlike_usual"])
def test_a_detection_of_the_library_is_taken(slug: str) -> None:
    with pytest.raises(RefusedError, match="exists; expected a slug that is not taken"):
        new.run(slug, None)


def test_an_unknown_neighbour_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="did you mean 'password_spray'?"):
        made(tmp_path, "pasword_spray")
