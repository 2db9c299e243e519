"""The control of a lab: who gets in, and what a stranger sees."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from components.limits.refusal import RefusedError
from lab.azure import Azure
from lab.clock.clock import Clock
from lab.provider.control_file import ControlFile, UnreachableError
from lab.provider.control_server import ControlServer

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


@pytest.fixture
def control(tmp_path: Path) -> Iterator[ControlServer]:
    azure = Azure(Clock(START), state_dir=tmp_path, run_apps=False)
    with (
        azure,
        ControlServer(azure, tmp_path / "control.json", {"ping": lambda _: {"pong": 1}}) as made,
    ):
        yield made


def found(control: ControlServer) -> ControlFile:
    file = ControlFile.read(control.file)
    assert file is not None
    return file


def test_whoever_has_the_file_gets_in(control: ControlServer) -> None:
    assert found(control).ask("/ping") == {"pong": 1}
    assert found(control).pid == os.getpid()
    assert oct(control.file.stat().st_mode)[-3:] == "600"


def test_whoever_has_no_token_stays_out(control: ControlServer) -> None:
    file = found(control)
    with pytest.raises(UnreachableError, match="belongs to somebody else"):
        ControlFile(file.port, "guessed", file.pid).ask("/ping")
    connection = HTTPConnection("127.0.0.1", file.port)
    connection.request("POST", "/ping", "{}")
    assert connection.getresponse().status == 401
    connection.close()


def test_a_refusal_comes_in_words(control: ControlServer) -> None:
    with pytest.raises(RefusedError, match="is not found; it was deleted or never created"):
        found(control).ask("/delete", {"id": "/subscriptions/x"})
    with pytest.raises(RefusedError, match="/nowhere is no path of the lab"):
        found(control).ask("/nowhere")


def test_nobody_answers_after_it_is_closed(control: ControlServer) -> None:
    file = found(control)
    control.close()
    assert not control.file.exists()
    with pytest.raises(UnreachableError, match="does not answer"):
        file.ask("/ping")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 1}', "null"])
def test_a_file_that_is_none_is_no_door(tmp_path: Path, text: str) -> None:
    path = tmp_path / "control.json"
    path.write_text(text)
    assert ControlFile.read(path) is None


def test_a_plugin_is_given_to_the_cli_which_knows_no_token(control: ControlServer) -> None:
    connection = HTTPConnection("127.0.0.1", found(control).port)
    statuses = {}
    for package in ("random", "aws"):
        connection.request("GET", f"/plugins/pulumi-resource-{package}-v1.2.3-linux-amd64.tar.gz")
        answer = connection.getresponse()
        answer.read()
        statuses[package] = answer.status
    connection.close()
    assert statuses == {"random": 200, "aws": 404}
