"""The zip file that is published: unpacked without trusting what it says."""

import io
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from components.limits.refusal import FailedError

UNPACKED_LIMIT: Final = 512 * 1024 * 1024


class PackageError(FailedError):
    """A zip file that is not taken."""


def unpack(content: bytes, target: Path) -> int:
    """Writes the files below `target`; returns how many. PackageError: nothing was written."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            for entry in archive.infolist():
                _check(entry)
            if sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
                raise PackageError.of(f"package is larger than {UNPACKED_LIMIT >> 20} MiB unpacked")
            if broken := archive.testzip():
                raise PackageError.of(f"package entry {broken!r} is damaged")
            target.mkdir(parents=True, exist_ok=True)
            archive.extractall(target)  # noqa: S202 - every entry was checked above
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise PackageError.of(
            "package cannot be read", f"{error}; a zip file is expected"
        ) from error
    return len(entries)


def _check(entry: zipfile.ZipInfo) -> None:
    path = PurePosixPath(entry.orig_filename)
    escapes = path.is_absolute() or ".." in path.parts or "\\" in entry.orig_filename
    if escapes or "\0" in entry.orig_filename or ":" in path.parts[0:1]:
        raise PackageError.of(
            f"package entry {entry.orig_filename!r} leaves its folder",
            "relative paths are expected",
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise PackageError.of(
            f"package entry {entry.orig_filename!r} is a link", "files are expected"
        )
