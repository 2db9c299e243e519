"""A signal in the middle of a deployment ends it, at whatever point it comes."""

import subprocess
import sys

from components.content.places import ROOT

POINTS = 20
SECONDS = 15
"""From the signal to the end, on a machine that has other things to do."""

SCRIPT = f"""
import os, signal, sys, tempfile, threading, time
from pathlib import Path
from components.content.places import ROOT
from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine.in_process import deploy
from lab.host import interruption
from lab.rehearsal.rehearsal import START

CONFIG = {{"initialUsers": '{{"somebody": "a passphrase for nobody"}}'}}


def deployed(after):
    with tempfile.TemporaryDirectory() as scratch:
        with Azure(Clock(START), state_dir=Path(scratch), run_apps=False) as azure:
            interruption._received.clear()
            began = time.monotonic()
            timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGINT))
            try:
                timer.start()  # the first signal may come before it returns
                return len(deploy(ROOT, "local", azure, CONFIG).resources), time.monotonic() - began
            finally:
                timer.cancel()
                timer.join()
                print("ended after", time.monotonic() - began - after, flush=True)


interruption.listen()
deployed(1000)
resources, whole = deployed(1000)
interrupted = 0
for point in range({POINTS}):
    try:
        deployed(whole * point / {POINTS})
    except KeyboardInterrupt:
        interrupted += 1
    assert not [thread for thread in threading.enumerate() if "Timer" in thread.name]
again, _ = deployed(1000)
assert again == resources > 100, (again, resources)
print("interrupted", interrupted)
"""


def test_a_deployment_ends_at_any_point_and_the_next_one_is_whole() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    waits = [float(line.split()[-1]) for line in lines if line.startswith("ended after")]
    assert len(waits) == POINTS + 3
    assert max(waits) < SECONDS
    # The last ones may come too late: by then a loaded machine can be through.
    assert int(lines[-1].split()[-1]) >= POINTS * 3 // 4
