"""Lines out of two pipes."""

import os
from collections.abc import Iterator

import pytest

from lab.azure.web.site.console import LINE_LIMIT, Console, Line
from lab.host.loopback import Loopback


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    running = Loopback()
    yield running
    running.close()


@pytest.fixture
def console(loopback: Loopback) -> Iterator[Console]:
    open_console = Console(loopback)
    yield open_console
    open_console.close()
    open_console.hand_over()


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


def test_what_was_written_before_the_question_is_in_the_answer(console: Console) -> None:
    for number in range(500):
        os.write(console.stdout, f"line {number}\n".encode())
        assert texts(console.take()) == [f"line {number}"]


def test_a_line_waits_for_its_end(console: Console) -> None:
    os.write(console.stdout, b"first\nsec")
    assert texts(console.take()) == ["first"]
    os.write(console.stdout, b"ond\n")
    assert texts(console.take()) == ["second"]


def test_more_than_a_pipe_holds_does_not_stop_the_writer(console: Console) -> None:
    line = b"x" * 999 + b"\n"
    for _ in range(3_000):
        os.write(console.stdout, line)
    assert len(console.take()) == 3_000


def test_both_streams_are_told_apart(console: Console) -> None:
    os.write(console.stdout, b"fine\n")
    os.write(console.stderr, b"not fine\n")
    assert console.take() == [Line("Informational", "fine"), Line("Error", "not fine")]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"\n\n", ["", ""]),
        (b"dos\r\n", ["dos"]),
        (b"\xff\xfe broken\n", ["�� broken"]),
        ("Zoë’s\n".encode(), ["Zoë’s"]),
        (b"y" * LINE_LIMIT + b"\n", ["y" * LINE_LIMIT]),
        (b"y" * LINE_LIMIT + b"z\n", ["y" * LINE_LIMIT, "z"]),
    ],
)
def test_each_line_becomes_text(console: Console, written: bytes, expected: list[str]) -> None:
    os.write(console.stdout, written)
    assert texts(console.take()) == expected


def test_the_last_words_need_no_newline(loopback: Loopback) -> None:
    console = Console(loopback)
    os.write(console.stderr, b"before\ndying wo")
    assert texts(console.close()) == ["before", "dying wo"]
    assert console.last(1) == ["dying wo"]
    console.hand_over()
