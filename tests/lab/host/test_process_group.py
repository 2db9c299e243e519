"""Child processes end with whoever started them."""

import os
import subprocess
import sys
import time
from pathlib import Path

from components.content.places import ROOT
from lab.host.process_group import ProcessGroup

ENVIRONMENT = {"PATH": os.environ["PATH"]}


def group(script: str, **streams: int) -> ProcessGroup:
    return ProcessGroup(
        ["/bin/sh", "-c", script], environment=ENVIRONMENT, folder=Path("/"), **streams
    )


def alive(group_id: int) -> list[str]:
    """Command lines of the group's processes, without those that only wait to be collected."""
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [row[2] for row in rows if int(row[0]) == group_id and not row[1].startswith("Z")]


def watchers(group_id: int) -> list[str]:
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True
    )
    return [row for row in listed.stdout.splitlines() if row.endswith(f" watcher {group_id}")]


def test_the_children_of_a_child_end_too() -> None:
    started = group("sleep 100 & sleep 100; true")
    assert alive(started.id)
    started.end()
    assert alive(started.id) == []


def test_nothing_stays_when_whoever_started_it_is_killed() -> None:
    script = """if 1:
        import os, sys, time
        from pathlib import Path
        from lab.host.process_group import ProcessGroup
        command = ["/bin/sh", "-c", "sleep 100 & sleep 100; true"]
        group = ProcessGroup(command, environment=dict(os.environ), folder=Path("/"))
        print(group.id, flush=True)
        time.sleep(100)
    """
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as starter:
        assert starter.stdout is not None
        group_id = int(starter.stdout.readline())
        assert alive(group_id)
        starter.kill()
    until = time.monotonic() + 5
    while alive(group_id) and time.monotonic() < until:
        time.sleep(0.02)
    assert alive(group_id) == []


def test_nobody_watches_a_group_that_has_ended() -> None:
    started = group("sleep 100")
    assert watchers(started.id)
    started.end()
    assert watchers(started.id) == []
    started.end()


def test_who_does_not_listen_is_killed() -> None:
    read, write = os.pipe()
    started = group("trap '' TERM; echo ready; while :; do sleep 0.05; done", stdout=write)
    assert os.read(read, 10) == b"ready\n"
    began = time.monotonic()
    assert started.end(grace=0.2) == -9
    assert time.monotonic() - began < 5
    assert alive(started.id) == []
    os.close(read)
    os.close(write)


def test_children_have_time_to_end_although_their_shell_is_gone_first() -> None:
    read, write = os.pipe()
    script = "sh -c 'trap \"sleep 0.3; echo bye; exit 0\" TERM; echo ready; sleep 9 & wait' ; true"
    started = group(script, stdout=write)
    os.close(write)
    assert os.read(read, 10) == b"ready\n"
    started.end()
    assert os.read(read, 10) == b"bye\n"
    os.close(read)


def test_the_exit_code_is_kept_and_ending_twice_is_fine() -> None:
    started = group("exit 7")
    assert started.wait(10) == 7
    assert (started.end(), started.end(), started.exit_code) == (7, 7, 7)


def test_a_wait_ends_with_its_time() -> None:
    started = group("sleep 100")
    assert started.wait(0.05) is None
    started.end()
