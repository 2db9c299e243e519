"""Which detections a change concerns, by what Git says is different.

Compared are the files as they are now, committed or not, with the commit at which this branch left
main; on main itself, with the last commit. A detection is concerned when its query, a function that
it uses (directly or through another), its cases, or what turns a case into rows and verdicts (the
app's serializer, the lab's log tables and alert rules) is different.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.content import detection as detections
from components.content import kql_function
from components.content.places import ROOT
from components.limits.refusal import RefusedError

MAIN: Final = "main"
_ALL: Final = (
    "app_src/login_app/login_events.py",
    "lab/cases/",
    "lab/kusto/",
    "lab/logs/",
    "lab/azure/monitor/log_search/",
    "requirements-lab.txt",
)
"""Beginnings of paths on which every verdict depends."""


@dataclass(frozen=True)
class Changes:
    """The detections concerned, in order, and the commit compared with."""

    slugs: tuple[str, ...]
    commit: str

    def summary(self) -> str:
        """One line: how many, since when."""
        count = len(self.slugs)
        listed = ", ".join(self.slugs) if 0 < count <= 5 else str(count) if count else "none"
        return f"changed since {self.commit[:10]}: {listed}"


def since_main(root: Path = ROOT) -> Changes:
    """The detections that the branch or the work tree changes; RefusedError without Git."""
    commit = _base(root)
    changed = _lines(_git(root, "diff", "--name-only", "--relative", commit))
    changed |= _lines(_git(root, "ls-files", "--others", "--exclude-standard"))
    if any(path.startswith(_ALL) for path in changed):
        return Changes(tuple(path.stem for path in _files()), commit)
    functions = {Path(path).stem for path in changed if path.startswith("kql/functions/")}
    own = {Path(path).stem for path in changed if path.startswith("kql/detections/")}
    own |= {
        Path(path).parts[2]
        for path in changed
        if path.startswith("tests/detections/") and len(Path(path).parts) > 3
    }
    return Changes(
        tuple(path.stem for path in _files() if path.stem in own or functions & _used(path)),
        commit,
    )


def _base(root: Path) -> str:
    """Where the branch left main; a repository without that branch is compared with HEAD."""
    head = _git(root, "rev-parse", "--verify", "HEAD").strip()
    try:
        return _git(root, "merge-base", "HEAD", MAIN).strip() or head
    except RefusedError:
        return head


def _files() -> list[Path]:
    return sorted(detections.DETECTIONS.glob("*.kql"))


def _used(path: Path) -> set[str]:
    """The functions of a detection; all of them when it cannot be read."""
    functions = kql_function.load_all()
    try:
        return {each.name for each in detections.read(path, functions).functions}
    except RefusedError:
        return set(functions)


def _lines(text: str) -> set[str]:
    return {line for line in text.splitlines() if line}


def _git(root: Path, *arguments: str) -> str:
    try:
        found = subprocess.run(  # noqa: S603  # fixed words
            ["git", "-c", "core.quotePath=false", *arguments],  # noqa: S607
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise RefusedError.of("git is missing", "expected it on PATH for --changed") from error
    if found.returncode:
        last = (found.stderr.strip().splitlines() or ["no message"])[-1]
        raise RefusedError.of(f"git cannot tell what is changed: {last}", "leave --changed out")
    return found.stdout
