"""Another version of this repository, laid out to be run: what a stack is upgraded from."""

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.content.places import ROOT
from components.limits.refusal import RefusedError


@contextmanager
def older_program(commit: str) -> Iterator[Path]:
    """A folder with the files of a commit or tag; RefusedError where there is no such one."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "program"
        packed = _git("archive", "--format=tar", f"{commit}^{{commit}}")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        environment = ROOT / ".venv"
        if environment.exists():
            (folder / ".venv").symlink_to(environment.resolve())
        yield folder


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments, a name of a commit at the end
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607 - the user's own, from PATH
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise RefusedError.of("git is not on PATH", "expected with --from") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        what = f"--from: {said[-1] if said else 'git failed'}"
        raise RefusedError.of(what, "expected a commit or a tag of this repository")
    return done.stdout
