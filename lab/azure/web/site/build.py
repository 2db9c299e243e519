"""Builds an app's virtual environment as Oryx does on App Service, once for each requirements."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from components.limits.refusal import FailedError
from lab.host.lab_folder import builds_folder
from lab.host.process_group import ProcessGroup

REQUIREMENTS: Final = "requirements.txt"
IMAGE_REQUIREMENTS: Final = "gunicorn\n"
"""What the Python image of App Service has before anything is built."""

TIME_MACHINE: Final = "time-machine>=3.6,<4\n"
SHOWN_ERRORS: Final = 6
_INCLUDED: Final = re.compile(r"(?m)^\s*(?:-r|-c|--requirement|--constraint)[\s=]\s*(\S+)")
_OURS: Final = ("PYTHON", "VIRTUAL_ENV", "AZURE_", "ARM_", "AWS_", "PULUMI_", "LOGIN_MONITOR_")


class BuildError(FailedError):
    """A build that failed; the message holds the installer's own error lines."""


class Builder:
    """Virtual environments below `folder`, shared by all runs; each is complete or not used."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or builds_folder()
        self._running: set[ProcessGroup] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def build(self, code: Path) -> Path:
        """The environment for the requirements.txt in `code`; BuildError when pip refuses."""
        return self._environment(code / REQUIREMENTS)

    def image(self) -> Path:
        """The environment that an app gets when nothing was built for it."""
        file = self._written("image", IMAGE_REQUIREMENTS)
        return self._environment(file)

    def shim_packages(self) -> Path:
        """A folder with time-machine: on the app's path, but not among what the app installed."""
        file = self._written("shim", TIME_MACHINE)
        target = self._folder / "shim-packages" / _digest(file, self._folder)
        options = ["--target", str(target), "--quiet"]
        with self._once(target) as missing:
            if missing:
                self._pip(file, [], options)
        return target

    def stop(self) -> None:
        """Ends the builds that are running, from another thread; nothing is built afterwards."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for group in running:
            group.end()

    def _environment(self, requirements: Path) -> Path:
        place = self._folder / "builds" / _digest(requirements, self._folder)
        with self._once(place) as missing:
            if missing:
                make = [sys.executable, "-m", "venv", "--without-pip", str(place)]
                self._run(make, requirements.parent)
                self._pip(requirements, ["--python", str(place / "bin" / "python")], [])
        return place

    def _pip(self, requirements: Path, before: Sequence[str], options: Sequence[str]) -> None:
        """The lab's own pip installs into both kinds of place: a second one would only cost."""
        command = [sys.executable, "-m", "pip", *before, "install", "--disable-pip-version-check"]
        command += ["--no-input", "--progress-bar", "off", *options, "-r", requirements.name]
        self._run(command, requirements.parent)

    @contextmanager
    def _once(self, place: Path) -> Iterator[bool]:
        """True when the caller has to fill `place`; one process does at a time.

        A finished place has a stamp. It is filled where it stays, because the scripts of a virtual
        environment hold its path; what an interrupted build left is removed first.
        """
        place.parent.mkdir(parents=True, exist_ok=True)
        stamp = place / "complete"
        with place.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            missing = not stamp.exists()
            if missing:
                shutil.rmtree(place, ignore_errors=True)
            yield missing
            stamp.touch()

    def _run(self, command: Sequence[str], folder: Path) -> None:
        with tempfile.TemporaryFile() as output:
            with self._lock:
                if self._stopped:
                    raise BuildError.of("the build was ended before it began", "the lab is closing")
                group = ProcessGroup(
                    command,
                    environment=_environment(),
                    folder=folder,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
                self._running.add(group)
            try:
                code = group.wait()
            finally:
                group.end()
                self._running.discard(group)
            if code != 0:
                output.seek(0)
                raise BuildError.of(_errors(output.read().decode("utf-8", "replace"), code))

    def _written(self, name: str, text: str) -> Path:
        file = self._folder / "requirements" / f"{name}.txt"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return file


def _digest(requirements: Path, folder: Path) -> str:
    """Changes with the requirements and what they include, the Python, and the place."""
    parts = [sys.version, sys.platform, os.path.realpath(sys.executable), str(folder)]
    waiting, seen = [requirements], set[Path]()
    while waiting:
        file = waiting.pop()
        if file in seen or not file.is_file():
            continue  # pip says it better when an included file is missing
        seen.add(file)
        text = file.read_text(encoding="utf-8", errors="replace")
        parts.append(text)
        waiting += [file.parent / name for name in _INCLUDED.findall(text)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]


def _environment() -> dict[str, str]:
    """The lab's own environment, for pip's settings in it, without what is none of its business."""
    return {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}


def _errors(output: str, code: int | None) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return "\n".join((errors or lines)[-SHOWN_ERRORS:]) or f"the build ended with exit code {code}"
