"""A copy of the repository that a test may break, and the rehearsals run in it."""

import json
import os
import shutil
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.content.places import ROOT
from lab.azure.web.site.build import Builder, _digest

TIME_LIMIT_S = 240


@dataclass(frozen=True)
class Ended:
    """A command that came to its end."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Both streams, on one line: tables and pages break lines where they like."""
        return " ".join((self.out + " " + self.err).split())


class RepositoryCopy:
    """Shares the virtual environments with the original; its `.lab/run` is its own."""

    def __init__(self, folder: Path, *further_apps: Path) -> None:
        """`further_apps`: folders of apps beside the login app whose builds are wanted, too."""
        self.folder = folder
        self._apps = (ROOT / "app_src", *further_apps)
        self._whole: dict[str, str] = {}
        """Texts of the files that were broken."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for name in listed.stdout.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        self._share_builds()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        self._whole.setdefault(name, path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Breaks a file; the old text has to be there once."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def restore(self) -> None:
        """As it was copied."""
        for name, text in self._whole.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """`python -m lab …` with nothing inherited that could change what it says."""
        return subprocess.Popen(
            [str(self.folder / ".venv" / "bin" / "python"), "-m", "lab", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": "", "COLUMNS": "80"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> Ended:
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=TIME_LIMIT_S)
        return Ended(process.returncode, out, err)

    def report(self, folder: str = "report") -> Any:
        return json.loads((self.folder / folder / "report.json").read_text(encoding="utf-8"))

    def processes(self) -> dict[int, str]:
        """Living processes that the rehearsals of this copy started, by id."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                mine = os.fsencode(self.folder) in (entry / "environ").read_bytes()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if mine and command:  # a zombie has neither
                found[int(entry.name)] = command
        return found

    def _share_builds(self) -> None:
        """A build is known by its requirements and its place: link what the original has built."""
        original, own = ROOT / ".lab", self.folder / ".lab"
        builder = Builder(original)
        for requirements, place in (
            *((app / "requirements.txt", builder.build(app)) for app in self._apps),
            (original / "requirements" / "image.txt", builder.image()),
            (original / "requirements" / "shim.txt", builder.shim_packages()),
        ):
            link = own / place.parent.name / _digest(requirements, own)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(place)


def listening_ports(process: int) -> set[int]:
    """TCP ports on which a process listens, as Linux tells them."""
    sockets = set()
    for descriptor in Path(f"/proc/{process}/fd").glob("*"):
        with suppress(OSError):
            sockets.add(os.readlink(descriptor))
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    rows = [line.split() for line in lines]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == "0A" and f"socket:[{row[9]}]" in sockets
    }


def answers(port: int) -> bool:
    """Whether anybody listens on a port of this machine."""
    with socket.socket() as client:
        client.settimeout(5)
        return client.connect_ex(("127.0.0.1", port)) == 0
