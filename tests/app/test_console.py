"""One line, one write, handed over before write_line returns; or an error within seconds."""

import os
import time
from collections.abc import Iterator

import pytest
from login_app import console
from login_app.console import Console

Pipe = tuple[int, int]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    yield read_end, write_end
    for descriptor in (read_end, write_end):
        os.close(descriptor)


def test_a_line_goes_out_in_one_piece_at_once(pipe: Pipe) -> None:
    Console(pipe[1]).write_line('{"a":1}')
    assert os.read(pipe[0], 100) == b'{"a":1}\n'


def test_a_shut_end_is_an_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with pytest.raises(OSError, match=r"Broken pipe|not taken"):
        Console(write_end).write_line("nobody reads this")
    os.close(write_end)


def test_a_write_that_took_a_part_is_finished(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def take_three(descriptor: int, data: bytes) -> int:
        written.append(data[:3])
        return len(data[:3])

    monkeypatch.setattr(os, "write", take_three)
    Console(pipe[1]).write_line("abcdefg")
    assert b"".join(written) == b"abcdefg\n"


def test_a_reader_that_stalls_is_an_error_and_no_line_is_split(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "PATIENCE_SECONDS", 0.2)
    out, line = Console(pipe[1]), "x" * 4000
    for _ in range(100):
        try:
            out.write_line(line)
        except TimeoutError:
            break
    else:
        pytest.fail("a pipe takes 64 KiB and no more")
    started = time.perf_counter()
    with pytest.raises(TimeoutError):
        out.write_line(line)
    assert time.perf_counter() - started < 0.1, "who comes next waits again"
    taken = b""
    while len(piece := os.read(pipe[0], 65536)) == 65536:
        taken += piece
    taken += piece
    assert set(taken.splitlines()) == {line.encode()}
    out.write_line("it goes on")
    assert os.read(pipe[0], 100) == b"it goes on\n"
