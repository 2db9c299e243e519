"""A signal ends a verb at once, with all that it had started."""

import signal
import subprocess
import sys
import time

import pytest

from components.content.places import ROOT

SECONDS = 15
"""On a machine that has other things to do; two are usual."""


def running(group: int) -> list[str]:
    """Its processes, but for the dead that nobody has collected: they hold nothing."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    fields = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [args for pgid, state, args in fields if int(pgid) == group and state[0] != "Z"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ("typed", "stage"),
    [(("test", "password_spray", "user_enumeration", "--mutate"), "trying mutants")],
)
def test_a_verb_with_workers_ends_with_them(
    typed: tuple[str, ...], stage: str, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lab", *typed],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(stage):
                break
        time.sleep(1)  # the workers are starting, or at work
        began = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert time.monotonic() - began < SECONDS
    assert (process.returncode, out) == (128 + number, "")
    assert err.splitlines() == [f"interrupted while {stage}; nothing is left running"]
    end = time.monotonic() + SECONDS
    while left := running(process.pid):
        assert time.monotonic() < end, left
        time.sleep(0.1)
