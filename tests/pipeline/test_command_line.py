"""`python -m pipeline`: what it tells GitHub, and its exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import main
from tests.pipeline.test_drift import WEB_APP, step
from tests.support import github_stand_in
from tests.support.github_stand_in import SOMEBODY, TOKEN, Stand

DRIFTED = {"steps": [step("update", WEB_APP, "site", ("httpsOnly",))]}
CALM: dict[str, Any] = {"steps": []}


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    with github_stand_in.running() as stand:
        for key, value in stand.environment.items():
            monkeypatch.setenv(key, value)
        yield stand


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    return tmp_path / "plan.json"


def write(file: Path, content: object) -> str:
    file.write_text(json.dumps(content), encoding="utf-8")
    return str(file)


def test_a_comment_is_written_once_and_then_brought_up_to_date(
    github: Stand, plan_file: Path, tmp_path: Path
) -> None:
    cost = tmp_path / "cost.md"
    cost.write_text("**A month: 12.00 USD**", encoding="utf-8")
    for number in range(3):
        github.comment(7, f"talk {number}", user=SOMEBODY)
    command = ["comment", write(plan_file, DRIFTED), "--stack", "dev", "--pull-request", "7"]
    assert main([*command, "--cost", str(cost)]) == 0
    write(plan_file, CALM)
    assert main(command) == 0
    assert github.authorizations == {f"Bearer {TOKEN}"}
    ours = [each for each in github.comments.values() if each["user"] != SOMEBODY]
    (only,) = ours
    assert "nothing changes" in only["body"]
    assert "12.00" not in only["body"]


def test_a_comment_shows_changes_errors_and_cost(
    github: Stand, plan_file: Path, tmp_path: Path
) -> None:
    cost = tmp_path / "cost.md"
    cost.write_text("**A month: 12.00 USD**", encoding="utf-8")
    hostile = step("create", WEB_APP, "`@everybody` | x")
    errors = [{"severity": "error", "message": "policy broken"}]
    file = write(plan_file, {"steps": [hostile, *DRIFTED["steps"]], "diagnostics": errors})
    assert (
        main(["comment", file, "--stack", "dev", "--pull-request", "7", "--cost", str(cost)]) == 0
    )
    body = github.comments[1]["body"]
    assert "1 to create, 1 to update" in body
    assert "| update | `site` | `azure-native:web:WebApp` | `httpsOnly` |" in body
    assert "- **error** `policy broken`" in body
    assert "12.00 USD" in body
    assert "| create | `'@everybody' \\| x` |" in body, "a name is shown, not obeyed"


SERVER = "azure-native:dbforpostgresql:Server"


@pytest.mark.parametrize(
    ("op", "kind", "words"),
    [
        ("replace", SERVER, "db (azure-native:dbforpostgresql:Server) would be replaced"),
        ("delete", SERVER, "would be deleted with all its accounts"),
        ("delete-replaced", "azure-native:keyvault:Vault", "with all its secrets"),
        ("create-replacement", "azure-native:operationalinsights:Workspace", "all its logs"),
        ("update", SERVER, ""),
        ("create", SERVER, ""),
        ("replace", WEB_APP, ""),
    ],
)
def test_a_plan_that_would_lose_state_stops_here(
    plan_file: Path, capsys: pytest.CaptureFixture[str], op: str, kind: str, words: str
) -> None:
    file = write(plan_file, {"steps": [step(op, kind, "db")]})
    assert main(["losses", file, "--stack", "prod"]) == bool(words)
    assert words in capsys.readouterr().err


def test_a_comment_says_first_what_would_be_lost(github: Stand, plan_file: Path) -> None:
    file = write(plan_file, {"steps": [step("replace", SERVER, "db"), *DRIFTED["steps"]]})
    assert main(["comment", file, "--stack", "dev", "--pull-request", "7"]) == 0
    body = github.comments[1]["body"]
    assert body.index("**state is lost**") < body.index("What changes")


def test_a_long_plan_still_fits_into_a_comment(github: Stand, plan_file: Path) -> None:
    many = [step("create", WEB_APP, "x" * 900 + str(number)) for number in range(300)]
    file = write(plan_file, {"steps": many})
    assert main(["comment", file, "--stack", "dev", "--pull-request", "7"]) == 0
    assert len(github.comments[1]["body"]) < 65_000


def test_drift_opens_one_issue_and_its_end_closes_it(github: Stand, plan_file: Path) -> None:
    command = ["drift", write(plan_file, DRIFTED), "--stack", "prod", "--issue"]
    assert main(command) == 1
    assert main(command) == 1
    (issue,) = github.issues.values()
    assert issue["title"] == "Stack prod has drifted"
    assert "httpsOnly" in issue["body"]
    write(plan_file, CALM)
    assert main(command) == 0
    assert issue["state"] == "closed"
    assert "as the program says" in github.comments[1]["body"]
    assert main(command) == 0, "and nothing is left to close"
    assert len(github.comments) == 1


def test_each_stack_has_its_own_issue(github: Stand, plan_file: Path) -> None:
    file = write(plan_file, DRIFTED)
    for stack in ("dev", "prod", "dev"):
        main(["drift", file, "--stack", stack, "--issue"])
    assert [each["title"][6:10].strip() for each in github.issues.values()] == ["dev", "prod"]


def test_an_issue_that_somebody_else_wrote_is_left_alone(github: Stand, plan_file: Path) -> None:
    copied = "<!-- login-monitor: drift prod -->\nmine"
    github.issue(copied, user=SOMEBODY, title="a copy")
    github.issue(copied, pull_request={}, title="a pull request")
    main(["drift", write(plan_file, DRIFTED), "--stack", "prod", "--issue"])
    assert github.issues[1]["body"] == github.issues[2]["body"] == copied
    assert len(github.issues) == 3


def test_without_an_issue_nothing_is_sent(github: Stand, plan_file: Path) -> None:
    assert main(["drift", write(plan_file, DRIFTED), "--stack", "prod"]) == 1
    assert not github.authorizations


@pytest.mark.parametrize("key", ["GITHUB_REPOSITORY", "GITHUB_TOKEN"])
def test_a_run_that_names_no_repository_or_token_is_refused(
    github: Stand,
    plan_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: str,
) -> None:
    monkeypatch.delenv(key)
    assert main(["drift", write(plan_file, DRIFTED), "--stack", "prod", "--issue"]) == 2
    assert f"{key} is not set" in capsys.readouterr().err


def test_a_repository_that_is_none_is_refused(
    github: Stand, plan_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "../../x")
    assert main(["drift", write(plan_file, DRIFTED), "--stack", "prod", "--issue"]) == 2


def test_a_github_that_does_not_answer_is_said_without_the_token(
    plan_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GITHUB_REPOSITORY", github_stand_in.REPOSITORY)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert main(["drift", write(plan_file, DRIFTED), "--stack", "prod", "--issue"]) == 2
    said = capsys.readouterr().err
    assert "GitHub did not take it" in said
    assert TOKEN not in said


def test_a_missing_plan_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", str(tmp_path / "none.json"), "--stack", "dev"]) == 2
    assert "expected pulumi preview --json" in capsys.readouterr().err


def test_an_unknown_verb_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["deploy-everything"])
    assert ended.value.code == 2
