"""`python -m lab rehearse` in a copy of the repository: whole, broken, and interrupted."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lab.engine.pulumi_cli import is_installed
from lab.rehearsal.rehearsal import Options, Rehearsal
from tests.support.repository_copy import Ended, RepositoryCopy, answers, listening_ports
from traffic import ordinary
from traffic.people import population

ONE = "brute_force_from_one_address"
IN_PROCESS = ("--engine", "inprocess")
A_WHILE = (*IN_PROCESS, "--hours", "0.1")
STAGES = ["deploying", "rehearsing", "evaluating", "judging"]
OVERRIDES = """  login-monitor:detectionOverrides:
    success_after_failures: {threshold: 1000}
"""

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="asks Linux's /proc who is running"
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> RepositoryCopy:
    return RepositoryCopy(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def copy(shared: RepositoryCopy) -> Iterator[RepositoryCopy]:
    """Whole at first; after each test nothing of it runs and it is whole again."""
    yield shared
    left = shared.processes()
    shared.restore()
    assert left == {}, "a rehearsal left something running"


def rehearse(copy: RepositoryCopy, *slugs: str) -> Ended:
    only = [part for slug in slugs for part in ("--only", slug)]
    return copy.run("rehearse", *A_WHILE, "--report", "report", *only)


def deploy_only(copy: RepositoryCopy, *slugs: str) -> None:
    """Fewer rules take less time."""
    copy.replace("Pulumi.local.yaml", "detections: [all]", f"detections: [{', '.join(slugs)}]")


def reasons(report: Any) -> dict[str, str]:
    return {
        each["slug"]: each["reason"] for each in report["detections"] if each["verdict"] == "fail"
    }


def repeatable(report: Any) -> Any:
    """Without wall time, and the rows: how often the publisher asks for /health depends on it.

    The cost is reckoned from the bytes of those rows. Digests and coverage are the command's own.
    """
    figures = {**report["figures"], "wall_s": 0, "rows": 0}
    return {**report, "figures": figures, "cost": None, "digests": None, "coverage": None}


def assert_no_traceback(ended: Ended) -> None:
    assert "Traceback" not in ended.out + ended.err
    assert ".py" not in ended.err, ended.err


@dataclass(frozen=True)
class Kept:
    """A rehearsal that stayed up, was looked at, and got its Ctrl-C."""

    copy: RepositoryCopy
    port: int
    """Of the app."""
    answered: bool
    """While it stayed up."""
    said: str
    """Until then."""
    ended: Ended


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """In a copy of its own, whose last rehearsal it stays."""
    copy = RepositoryCopy(tmp_path_factory.mktemp("kept"))
    deploy_only(copy, ONE)
    with copy.start("rehearse", *A_WHILE, "--keep", "--report", "report") as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "until Ctrl-C" in line:
                break
        (url,) = [line.split()[-1] for line in said if line.startswith("app: ")]
        port = int(url.rpartition(":")[2])
        answered = answers(port)
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    return Kept(copy, port, answered, "".join(said), Ended(process.returncode, out, err))


def test_a_kept_rehearsal_stays_up_until_ctrl_c(kept: Kept) -> None:
    assert kept.answered
    assert (kept.ended.code, kept.ended.out) == (0, "ended\n")
    assert [line.split()[0] for line in kept.ended.err.splitlines()] == STAGES
    assert not answers(kept.port)
    assert kept.copy.processes() == {}
    passwords = [each.password for each in population(0, ordinary.PEOPLE)]
    assert [each for each in passwords if each in kept.said + kept.ended.err] == []
    assert list(kept.copy.report()["digests"]) == [ONE]


def test_a_seed_repeats_a_rehearsal(kept: Kept, tmp_path: Path) -> None:
    again = Options(state=tmp_path, hours=0.1, config={"detections": json.dumps([ONE])})
    with Rehearsal(again) as rehearsal:
        here = json.loads(rehearsal.run().dumps())
    assert repeatable(kept.copy.report()) == repeatable(here)


def test_the_rows_of_a_rehearsal_can_be_queried_afterwards(kept: Kept) -> None:
    asked = kept.copy.run("query", "LoginEvents | summarize count() by EventResult")
    assert asked.code == 0
    assert "Failure" in asked.out
    wrong = kept.copy.run("query", "AppServiceConsoleLogs | where ResultDescripton has 'x'")
    assert (wrong.code, wrong.out) == (2, "")
    assert "'ResultDescription'" in wrong.err
    assert_no_traceback(wrong)


def test_each_broken_hop_is_named(copy: RepositoryCopy) -> None:
    deploy_only(copy, ONE, "client_error_burst", "success_after_failures")
    copy.replace(f"kql/detections/{ONE}.kql", "where IsTry", 'where EventType == "Login"')
    kept = 'each != "AppServiceAppLogs"'
    copy.replace("components/web_app.py", kept, f'{kept} and each != "AppServiceHTTPLogs"')
    stack = (copy.folder / "Pulumi.local.yaml").read_text(encoding="utf-8")
    copy.write("Pulumi.local.yaml", stack + OVERRIDES)
    ended = rehearse(copy)
    assert ended.code == 1, ended.err
    why = reasons(copy.report())
    assert why[ONE].startswith("the query returned no row")
    assert why["client_error_burst"].startswith("log rows not ingested")
    assert why["success_after_failures"].startswith("below the threshold")
    for slug, reason in why.items():
        assert f"{slug}: {reason}" in ended.text
    assert_no_traceback(ended)


def test_an_app_that_logs_no_login_event_is_named(copy: RepositoryCopy, tmp_path: Path) -> None:
    deploy_only(copy, ONE)
    copy.replace("app_src/login_app/console.py", 'f"{line}\\n".encode()', 'b""')
    broken = Options(program=copy.folder, state=tmp_path, hours=0.1, only=(ONE,))
    with Rehearsal(broken) as rehearsal:
        found = rehearsal.run()
    assert not found.passed
    assert reasons(found.as_json())[ONE].startswith("log line not written: LoginEvents")


def test_a_package_that_does_not_exist_is_told_in_the_words_of_pip(copy: RepositoryCopy) -> None:
    copy.write("app_src/requirements.txt", "a-package-that-nobody-made==1.2.3\n")
    ended = rehearse(copy, ONE)
    assert ended.code == 1
    assert "No matching distribution found for a-package-that-nobody-made==1.2.3" in ended.text
    assert len(ended.err.splitlines()) <= 12
    assert_no_traceback(ended)


def test_an_app_without_one_of_its_packages_is_shown_with_its_last_lines(
    copy: RepositoryCopy,
) -> None:
    copy.write("app_src/requirements.txt", "waitress\n")
    ended = rehearse(copy, ONE)
    assert ended.code == 1
    assert "ModuleNotFoundError: No module named" in ended.text
    assert len(ended.err.splitlines()) <= 20


MAILS = "login-monitor:alertEmails: [soc@example.com]"


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("Pulumi.local.yaml", "[all]", "[passwort_spray]", "'password_spray'"),
        ("Pulumi.local.yaml", "alertEmails", "alertEmail", "alertEmails"),
        (f"kql/detections/{ONE}.kql", "// severity: 2", "// severity 2", f"{ONE}.kql:"),
        (
            "Pulumi.local.yaml",
            MAILS,
            f"{MAILS}\n  login-monitor:location: westeurop",
            "location westeurop is no Azure region; did you mean 'westeurope'?",
        ),
        (
            "Pulumi.local.yaml",
            MAILS,
            f"{MAILS}\n  login-monitor:webhookUrl: http://hooks.example.com/hunter2",
            "webhookUrl (hidden) is no https URL; expected an https URL, or nothing",
        ),
        (
            "Pulumi.local.yaml",
            MAILS,
            f"{MAILS}\n  login-monitor:initialUsers: {{alice: hunter2}}",
            "initialUsers (hidden) has a password for 'alice' that is too short; expected at least",
        ),
    ],
)
@pytest.mark.parametrize("engine", ["inprocess", "pulumi"])
def test_settings_that_cannot_work_are_wrong_usage(
    copy: RepositoryCopy, engine: str, name: str, old: str, new: str, told: str
) -> None:
    if engine == "pulumi" and not is_installed():
        pytest.skip("the Pulumi CLI is not on PATH")
    copy.replace(name, old, new)
    ended = copy.run("rehearse", "--engine", engine)
    assert (ended.code, ended.out) == (2, "")
    assert told in " ".join(ended.err.split())
    assert "hunter2" not in ended.err
    assert "Traceback" not in ended.err
    assert not list((copy.folder / ".lab" / "run").glob("*.duckdb")), "a workspace was made"


def wait_for_line(process: "subprocess.Popen[str]", start: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(start):
            return
    raise AssertionError(f"the rehearsal ended without {start!r}")


@pytest.mark.parametrize(
    ("number", "stage", "child"),
    [
        (signal.SIGTERM, "deploying", "publish.py"),
        (signal.SIGINT, "rehearsing", "serve.py"),
    ],
)
def test_an_interrupted_rehearsal_leaves_nothing_behind(
    copy: RepositoryCopy, number: signal.Signals, stage: str, child: str
) -> None:
    with copy.start("rehearse", *IN_PROCESS, "--hours", "48") as process:
        wait_for_line(process, stage)
        while not any(child in command for command in copy.processes().values()):
            assert process.poll() is None, f"the rehearsal ended without {child}"
        running = [process.pid, *copy.processes()]
        ports = {port for each in running for port in listening_ports(each)}
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (128 + number, "")
    assert err.splitlines()[-1].startswith(f"interrupted while {stage}")
    assert err.splitlines()[-1].endswith("; nothing is left running")
    assert len(err.splitlines()) == 1
    assert len(ports) > 1
    assert copy.processes() == {}
    assert [port for port in ports if answers(port)] == []
