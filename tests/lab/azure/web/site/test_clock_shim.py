"""Another process follows the lab's clock."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.azure.web.site.build import Builder
from lab.azure.web.site.site import CLOCK_VARIABLE, SHIM
from lab.clock.clock_file import ClockFile
from tests.support.demo_site import START

FORKING = """
import os, sys, time
from datetime import UTC, date, datetime
print(datetime.now(UTC).isoformat(), flush=True)
if os.fork() == 0:
    sys.stdin.readline()
    print(datetime.now(UTC).isoformat(), int(time.time()), date.today(), time.strftime("%H:%M"))
    sys.stdout.flush()
    os._exit(0)
os.wait()
"""


@pytest.fixture
def clock_file(tmp_path: Path) -> ClockFile:
    return ClockFile(tmp_path / "clock", START)


def child(code: str, clock: Path | None, *places: Path) -> subprocess.Popen[str]:
    path = [SHIM, *places, Builder().shim_packages()]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(map(str, path)), "TZ": "UTC"}
    if clock is not None:
        environment[CLOCK_VARIABLE] = str(clock)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_process_and_its_fork_show_the_labs_time_as_it_moves(clock_file: ClockFile) -> None:
    with child(FORKING, clock_file.path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "2026-01-05T07:30:00+00:00"
        clock_file.write(START + timedelta(days=1, hours=2, microseconds=250))
        rest, _ = process.communicate("\n", timeout=20)
    moment = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
    expected = f"2026-01-06T09:30:00.000250+00:00 {int(moment.timestamp())} 2026-01-06 09:30"
    assert rest.strip() == expected


def test_the_monotonic_clock_stays_real(clock_file: ClockFile) -> None:
    before = time.monotonic()
    with child("import time; print(time.monotonic())", clock_file.path) as process:
        told, _ = process.communicate(timeout=20)
    assert before <= float(told) <= time.monotonic()


def test_another_sitecustomize_still_runs(clock_file: ClockFile, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.marked = 'yes'")
    code = "import sys, time; print(sys.marked, int(time.time()))"
    with child(code, clock_file.path, tmp_path) as process:
        told, _ = process.communicate(timeout=20)
    assert told.split() == ["yes", str(int(START.timestamp()))]


def test_a_process_that_cannot_follow_does_not_run_on_the_wrong_time(tmp_path: Path) -> None:
    with child("print('ran')", tmp_path / "missing") as process:
        told, complaint = process.communicate(timeout=20)
    assert (process.returncode, told) == (70, "")
    assert complaint.startswith(f"{CLOCK_VARIABLE} {tmp_path / 'missing'} cannot be followed; ")
    assert complaint.count("\n") == 1


def test_without_the_variable_time_is_real() -> None:
    with child("import time; print(time.time())", None) as process:
        told, _ = process.communicate(timeout=20)
    assert abs(float(told) - time.time()) < 60
