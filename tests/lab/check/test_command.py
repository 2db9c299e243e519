"""`python -m lab check` as it is called: exit codes, outputs, notices."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.content.places import ROOT
from lab.check import microsoft
from tests.support.broken_library import BODY, SLUG, Change, checked

QUIET = "log_store_full"


def lab_check(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lab", "check", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_node_a_notice_says_how_to_get_the_parser_and_nothing_fails() -> None:
    ran = lab_check(QUIET, PATH="")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "tests/support/install-tools.sh" in ran.stderr
    assert ran.stdout.startswith("0 errors")


def test_an_unknown_slug_is_wrong_usage() -> None:
    ran = lab_check("pasword_spray", PATH="")
    assert ran.returncode == 2
    assert ran.stderr == "slug 'pasword_spray' is unknown; did you mean 'password_spray'?\n"
    assert ran.stdout == ""


def test_an_output_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    ran = lab_check(QUIET, "--output", str(tmp_path / "no" / "report.json"))
    assert ran.returncode == 2
    assert "No such file or directory" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_report_for_programs_goes_to_its_file(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    ran = lab_check(QUIET, "--format", "json", "--output", str(report), PATH="")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(report.read_text(encoding="utf-8"))["files"] == [
        f"kql/detections/{QUIET}.kql"
    ]
    assert ran.stdout == ""


@pytest.mark.node
def test_microsofts_parser_finds_every_wrong_name_at_its_place(tmp_path: Path) -> None:
    if microsoft.modules() is None:
        pytest.skip(microsoft.MISSING)
    body = BODY.replace("| where", '| where EventTyp == "ü😀" and SrcIp == "x" and')
    found = checked(tmp_path, Change(body=body)).findings
    assert {each.rule_id for each in found} == {"unknown-column"}
    line = (tmp_path / f"kql/detections/{SLUG}.kql").read_text(encoding="utf-8").splitlines()
    words = [line[(each.line or 1) - 1][(each.column or 1) - 1 :] for each in found]
    assert [word.split()[0] for word in words] == ["EventTyp", "SrcIp"]
    assert [each.instead for each in found] == [
        "did you mean 'EventType'?",
        "did you mean 'SrcIpAddr'?",
    ]


@pytest.mark.node
def test_microsofts_parser_and_the_lab_say_one_thing_once(tmp_path: Path) -> None:
    if microsoft.modules() is None:
        pytest.skip(microsoft.MISSING)
    unfinished = checked(tmp_path / "a", Change(body=f"{BODY}\n| where (Failures > "))
    assert {each.rule_id for each in unfinished.findings} == {"query-does-not-parse"}
    mistyped = checked(tmp_path / "b", Change(body=f"{BODY}\n| where Failures > SrcIpAddr"))
    assert [each.rule_id for each in mistyped.findings] == ["kusto-refuses"]


@pytest.mark.node
def test_a_misspelt_operator_hides_what_is_refused_only_for_its_sake(tmp_path: Path) -> None:
    if microsoft.modules() is None:
        pytest.skip(microsoft.MISSING)
    body = BODY.replace("| summarize", "| sumarize") + "\n| where Failures > 0"
    (found,) = checked(tmp_path, Change(body=body)).findings
    assert (found.what, found.instead) == (
        "operator 'sumarize' is unknown",
        "did you mean 'summarize'?",
    )
