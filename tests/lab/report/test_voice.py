"""Who reads what, and that a name stays one word."""

import io
import sys
from pathlib import Path

import pytest
from rich.table import Table

from lab.host import invocation
from lab.report import voice

NAME = "login-monitor-detections-" + "a" * 120


def test_results_and_complaints_have_streams_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    voice.say("one")
    voice.give('{"two": [red]}')
    voice.note("three")
    voice.complain("four")
    found = capsys.readouterr()
    assert found.out.splitlines() == ["one", '{"two": [red]}']
    assert found.err.splitlines() == ["three", "four"]


def test_a_line_is_never_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    voice.say(f"sent to {NAME} and {NAME}")
    assert capsys.readouterr().out.splitlines() == [f"sent to {NAME} and {NAME}"]


def test_in_a_file_a_table_is_as_wide_as_it_needs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    table = Table("rule", "for", box=None)
    table.add_row(NAME, "203.0.113.7")
    voice.show(table)
    assert f"{NAME}  203.0.113.7" in capsys.readouterr().out


def test_what_others_wrote_neither_moves_the_cursor_nor_colours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    voice.say("[bold]a\x1b[2Jb")
    assert capsys.readouterr().out == "[bold]a\\x1b[2Jb\n"


def test_a_hint_can_be_typed_as_it_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(Path.cwd() / "venv" / "bin" / "python"))
    voice.say("next: python -m lab query")
    assert capsys.readouterr().out == "next: venv/bin/python -m lab query\n"
    monkeypatch.setattr(sys, "executable", "/opt/venv/bin/python")
    assert invocation.command("list") == "/opt/venv/bin/python -m lab list"
    monkeypatch.setattr("shutil.which", lambda name: f"/opt/venv/bin/{name}")
    assert invocation.command("list") == "python -m lab list"


def test_machines_get_their_text_whatever_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    voice.give("{}")
    assert written.getvalue() == "{}\n"
