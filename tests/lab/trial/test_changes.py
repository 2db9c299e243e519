"""`--changed`: which detections a change concerns."""

import shutil
import subprocess
from pathlib import Path

import pytest

from components.content import detection, kql_function, places
from components.limits.refusal import RefusedError
from lab.trial import changes


def git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments],
        cwd=root,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of its own with the queries, on main."""
    shutil.copytree(places.KQL, tmp_path / "kql")
    monkeypatch.setattr(detection, "DETECTIONS", tmp_path / "kql" / "detections")
    monkeypatch.setattr(kql_function, "FUNCTIONS", tmp_path / "kql" / "functions")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "all")
    return tmp_path


def test_nothing_is_changed_at_first(root: Path) -> None:
    found = changes.since_main(root)
    assert found.slugs == ()
    assert found.summary().endswith(": none")


def test_a_query_or_a_case_concerns_its_detection(root: Path) -> None:
    path = root / "kql" / "detections" / "password_spray.kql"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    case = root / "tests" / "detections" / "request_flood" / "fires_new.yaml"
    case.parent.mkdir(parents=True)
    case.write_text("", encoding="utf-8")
    assert changes.since_main(root).slugs == ("password_spray", "request_flood")


def test_a_branch_is_compared_with_where_it_left_main(root: Path) -> None:
    git(root, "checkout", "-q", "-b", "mine")
    path = root / "kql" / "functions" / "SqlReadings.kql"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    git(root, "commit", "-q", "-a", "-m", "mine")
    assert "sql_injection_probe" in changes.since_main(root).slugs
    assert "password_spray" not in changes.since_main(root).slugs


def test_what_every_verdict_depends_on_concerns_all(root: Path) -> None:
    path = root / "app_src" / "login_app" / "login_events.py"
    path.parent.mkdir(parents=True)
    path.write_text("", encoding="utf-8")
    every = sorted(each.stem for each in (root / "kql" / "detections").glob("*.kql"))
    assert list(changes.since_main(root).slugs) == every


def test_without_a_repository_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="git cannot tell what is changed"):
        changes.since_main(tmp_path)
