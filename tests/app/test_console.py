"""One line, one write, handed over before write_line returns."""

import os

import pytest
from login_app import console


def test_a_line_goes_out_in_one_piece_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    monkeypatch.setattr(console, "_STDOUT", write_end)
    console.write_line('{"a":1}')
    os.set_blocking(read_end, False)
    assert os.read(read_end, 100) == b'{"a":1}\n'
    os.close(read_end)
    with pytest.raises(BrokenPipeError):
        console.write_line("nobody reads this")
    os.close(write_end)


def test_a_write_that_took_a_part_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def take_three(descriptor: int, data: bytes) -> int:
        written.append(data[:3])
        return len(data[:3])

    monkeypatch.setattr(os, "write", take_three)
    console.write_line("abcdefg")
    assert b"".join(written) == b"abcdefg\n"
