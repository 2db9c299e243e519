"""The door of a lab: who gets in, and what a stranger sees."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest

from lab.azure import Azure
from lab.clock.clock import Clock
from lab.provider.control_file import DoorFile, NoDoorError, RefusedError
from lab.provider.control_server import Door

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    azure = Azure(Clock(START), state_dir=tmp_path, run_apps=False)
    with azure, Door(azure, tmp_path / "door.json", {"ping": lambda _: {"pong": 1}}) as made:
        yield made


def found(door: Door) -> DoorFile:
    file = DoorFile.read(door.file)
    assert file is not None
    return file


def test_whoever_has_the_file_gets_in(door: Door) -> None:
    assert found(door).ask("/ping") == {"pong": 1}
    assert found(door).pid == os.getpid()
    assert oct(door.file.stat().st_mode)[-3:] == "600"


def test_whoever_has_no_token_stays_out(door: Door) -> None:
    file = found(door)
    with pytest.raises(NoDoorError, match="belongs to somebody else"):
        DoorFile(file.port, "guessed", file.pid).ask("/ping")
    connection = HTTPConnection("127.0.0.1", file.port)
    connection.request("POST", "/ping", "{}")
    assert connection.getresponse().status == 401
    connection.close()


def test_a_refusal_comes_in_words(door: Door) -> None:
    with pytest.raises(RefusedError, match="is not found; it was deleted or never created"):
        found(door).ask("/delete", {"id": "/subscriptions/x"})
    with pytest.raises(RefusedError, match="/nowhere is no path of the lab"):
        found(door).ask("/nowhere")


def test_nobody_answers_behind_a_closed_door(door: Door) -> None:
    file = found(door)
    door.close()
    assert not door.file.exists()
    with pytest.raises(NoDoorError, match="does not answer"):
        file.ask("/ping")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"port": 1}', "null"])
def test_a_file_that_is_none_is_no_door(tmp_path: Path, text: str) -> None:
    path = tmp_path / "door.json"
    path.write_text(text)
    assert DoorFile.read(path) is None


def test_a_plugin_is_given_to_the_cli_which_knows_no_token(door: Door) -> None:
    connection = HTTPConnection("127.0.0.1", found(door).port)
    statuses = {}
    for package in ("random", "aws"):
        connection.request("GET", f"/plugins/pulumi-resource-{package}-v1.2.3-linux-amd64.tar.gz")
        answer = connection.getresponse()
        answer.read()
        statuses[package] = answer.status
    connection.close()
    assert statuses == {"random": 200, "aws": 404}
