"""The zip of the app that App Service gets: the same bytes for the same files, on every machine."""

import hashlib
import io
import zipfile
from pathlib import Path

from components.limits.refusal import FailedError

VERSION_FILE = "VERSION"
VERSION_LENGTH = 12

_LEFT_OUT = ("__pycache__", "venv", "node_modules", "instance")
_LEFT_OUT_ENDINGS = (".pyc", ".pyo", ".db", ".sqlite3", ".log")
_NEEDED = "requirements.txt"
_TIME = (1980, 1, 1, 0, 0, 0)  # the zip format's first moment
_UNIX, _PLAIN_FILE = 3, 0o100644


def content_hash(folder: Path, built_for: str = "") -> str:
    """SHA-256 over names and contents of what would be deployed; times and modes do not count.

    `built_for` counts too: the runtime and the settings that the build on App Service reads. The
    same files built for another Python are another app, whose packages the first one cannot find.
    """
    return _hash(_contents(folder), built_for)


def version(folder: Path, built_for: str = "") -> str:
    """The first 12 hex digits of the content hash: what `/health` tells once it is deployed."""
    return content_hash(folder, built_for)[:VERSION_LENGTH]


def build(folder: Path, built_for: str = "") -> bytes:
    """The zip, uncompressed, because compressed bytes differ between zlib builds."""
    contents = _contents(folder)
    contents[VERSION_FILE] = f"{_hash(contents, built_for)[:VERSION_LENGTH]}\n".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = _UNIX
            entry.external_attr = _PLAIN_FILE << 16
            archive.writestr(entry, contents[name])
    return buffer.getvalue()


def _hash(contents: dict[str, bytes], built_for: str) -> str:
    digest = hashlib.sha256(f"{built_for}\n".encode() if built_for else b"")
    for name, content in contents.items():
        digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return digest.hexdigest()


def _contents(folder: Path) -> dict[str, bytes]:
    """Bytes by POSIX name, sorted; FailedError where a build would find nothing to install."""
    if not folder.is_dir():
        raise FailedError.of(
            f"app folder {folder} is not there", "expected the folder of the web app"
        )
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and _is_deployed(path.relative_to(folder))
    }
    if _NEEDED not in found:
        raise FailedError.of(
            f"app folder {folder} has no {_NEEDED}", "expected it at the top, where the build looks"
        )
    return {name: found[name].read_bytes() for name in sorted(found)}


def _is_deployed(path: Path) -> bool:
    hidden = any(part.startswith(".") or part in _LEFT_OUT for part in path.parts)
    return not hidden and path.suffix not in _LEFT_OUT_ENDINGS and path.name != VERSION_FILE
