"""The workflows of GitHub: sound YAML, least rights, pinned actions, commands that exist."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.content.places import ROOT
from lab.__main__ import VERBS

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
WRITES = {
    "preview.yml": {"id-token", "pull-requests"},
    "deploy.yml": {"id-token"},
    "deploy-stack.yml": {"id-token"},
    "drift.yml": {"id-token", "issues"},
    "teardown.yml": {"id-token"},
    "test.yml": set(),
}
"""What the token of a workflow may change, and nothing else."""

ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"

workflows = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
files = pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=lambda path: path.name)


def read(path: Path) -> dict[Any, Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def jobs(path: Path) -> dict[str, Any]:
    found = read(path)["jobs"]
    assert isinstance(found, dict)
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    content = read(path)
    yield from content.get("runs", {}).get("steps", [])
    for job in content.get("jobs", {}).values():
        yield from job.get("steps", [])


def triggers(path: Path) -> dict[str, Any]:
    """`on` is the truth value `true` in YAML 1.1."""
    found = read(path)[True]
    return found if isinstance(found, dict) else {str(found): None}


def test_the_workflows_are_those_that_are_documented() -> None:
    assert {path.name for path in WORKFLOWS} == set(WRITES)
    text = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
    missing = [path.name for path in WORKFLOWS if path.name not in text]
    assert not missing


@workflows
def test_a_workflow_may_only_read_unless_a_job_needs_more(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    granted = {
        right
        for job in jobs(path).values()
        for right, level in job.get("permissions", {}).items()
        if level == "write"
    }
    assert granted == WRITES[path.name]


@workflows
def test_a_job_ends_by_itself(path: Path) -> None:
    endless = [
        name
        for name, job in jobs(path).items()
        if "uses" not in job and "timeout-minutes" not in job
    ]
    assert not endless


@workflows
def test_runs_that_would_meet_wait_for_each_other(path: Path) -> None:
    content = read(path)
    assert "concurrency" in content or all("concurrency" in job for job in jobs(path).values())


@workflows
def test_nothing_runs_with_rights_on_what_a_stranger_wrote(path: Path) -> None:
    """`pull_request_target` and `workflow_run` would give a fork's code the secrets."""
    assert not {"pull_request_target", "workflow_run"} & set(triggers(path))
    assert set(triggers(path)), "something starts it"


@workflows
def test_a_pull_request_of_a_fork_gets_no_credentials(path: Path) -> None:
    if "pull_request" not in triggers(path):
        return
    for name, job in jobs(path).items():
        if "id-token" in job.get("permissions", {}):
            assert "head.repo.full_name == github.repository" in job["if"], name


@files
def test_an_action_of_others_is_pinned_by_its_commit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert len(used) == text.count("uses:")
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{action}: its version in words"


def test_one_action_has_one_version_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in [*WORKFLOWS, *ACTIONS]:
        for action, commit in re.findall(r"uses: ([\w./-]+)@(\S+)", path.read_text()):
            pins.setdefault(action, set()).add(commit)
    assert not {action: found for action, found in pins.items() if len(found) > 1}
    assert pins


@files
def test_no_expression_is_written_into_a_shell(path: Path) -> None:
    """A branch may be called `$(anything)`; through the environment it stays text."""
    wrong = [step["run"] for step in steps(path) if "${{" in step.get("run", "")]
    assert not wrong


@files
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    assert list(steps(path))
    for step in steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@files
def test_no_secret_is_written_down(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "secrets." not in text, "there are none: logins are by OpenID Connect"
    assert "set -x" not in text


@files
def test_every_command_of_a_step_exists(path: Path) -> None:
    assert list(steps(path))
    for step in steps(path):
        for line in filter(None, step.get("run", "").splitlines()):
            assert known(line), f"{path.name}: {line}"


def known(line: str) -> bool:
    words = line.split()
    if words[0] == "make":
        return all(target in targets() for target in words[1:])
    if words[:2] == [".venv/bin/python", "-m"]:
        return words[3] in verbs(words[2])
    return words[0] in ("pulumi", "echo", "exit")


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([\w./-]+):", makefile, re.MULTILINE))


def verbs(package: str) -> set[str]:
    if package == "lab":
        return set(VERBS)
    text = (ROOT / package / "__main__.py").read_text(encoding="utf-8")
    return set(re.findall(r'add_parser\("([\w-]+)"', text))


def test_no_job_touches_a_stack_before_the_rehearsal_has_passed() -> None:
    deploy = jobs(GITHUB / "workflows" / "deploy.yml")
    assert deploy["dev"]["needs"] == "rehearsal"
    assert deploy["prod"]["needs"] == "dev"
    assert deploy["rehearsal"]["steps"][-1]["run"] == "make lab"


def test_a_stack_is_deployed_in_the_environment_of_its_name() -> None:
    """Its reviewers are asked there, and its credentials reach that stack alone."""
    (job,) = jobs(GITHUB / "workflows" / "deploy-stack.yml").values()
    assert job["environment"] == "${{ inputs.stack }}"


def test_a_teardown_runs_what_the_default_branch_says() -> None:
    (job,) = jobs(GITHUB / "workflows" / "teardown.yml").values()
    assert job["environment"] == "lab"
    assert "default_branch" in job["steps"][0]["with"]["ref"]


def test_actionlint_finds_nothing() -> None:
    command = ["actionlint"] if shutil.which("actionlint") else ["go", "run", ACTIONLINT]
    if shutil.which(command[0]) is None:
        pytest.skip("neither actionlint nor Go is installed")
    done = subprocess.run(
        [*command, "-no-color", *map(str, WORKFLOWS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if command[0] == "go" and "actionlint" in done.stderr and not done.stdout:
        pytest.skip(f"actionlint cannot be had: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_finds_nothing_that_could_be_used() -> None:
    """Low findings are a matter of style: a syntax that actionlint does not know yet."""
    zizmor = Path(sys.executable).parent / "zizmor"
    if not zizmor.exists():
        pytest.skip("zizmor is not installed")
    command = [str(zizmor), "--offline", "--no-progress", "--min-severity", "medium", str(GITHUB)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
