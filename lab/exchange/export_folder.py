"""A folder of exported files: what is ours there may be written again, nothing else is touched.

A list of what was written lies beside the files, with a digest of each. So a file of somebody
else's, or one of ours that was edited since, is told from what an export may replace.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from components.limits.refusal import NOWHERE, Refusal, RefusedError

LIST: Final = ".login-monitor-export.json"


@dataclass(frozen=True)
class Written:
    """What became of the files, by name."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]
    left_over: tuple[str, ...]
    """Files of an earlier export that this one no longer has; they stay where they are."""


def write(folder: Path, files: Mapping[str, str], *, replace: bool = False) -> Written:
    """Writes the files; RefusedError, and nothing written, when one would overwrite another's.

    `replace` overwrites them all the same. The folder is made where there is none.
    """
    if folder.exists() and not folder.is_dir():
        raise RefusedError.of(f"{folder} is a file", "expected a folder, or a name that is free")
    before = _listed(folder)
    present = {name: _digest(folder / name) for name in files if (folder / name).exists()}
    foreign = [name for name, found in present.items() if found != before.get(name)]
    foreign = [name for name in foreign if _digest_of(files[name]) != present[name]]
    if foreign and not replace:
        expected = "expected another folder, or --replace"
        raise RefusedError(
            *(
                Refusal(NOWHERE, f"{folder / name} {_why(name, before)}", expected)
                for name in foreign
            )
        )
    digests = {name: _digest_of(text) for name, text in files.items()}
    left = {name: found for name, found in before.items() if (folder / name).exists()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    folder.mkdir(parents=True, exist_ok=True)
    listed = json.dumps(dict(sorted((left | digests).items())), indent=2) + "\n"
    (folder / LIST).write_text(listed, encoding="utf-8")
    return Written(
        new=tuple(name for name in files if name not in present),
        changed=tuple(name for name in files if present.get(name, digests[name]) != digests[name]),
        same=tuple(name for name in files if present.get(name) == digests[name]),
        left_over=tuple(sorted(left.keys() - digests.keys())),
    )


def _why(name: str, before: Mapping[str, str]) -> str:
    return "was changed since it was exported" if name in before else "was not written by an export"


def _listed(folder: Path) -> dict[str, str]:
    path = folder / LIST
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in found.items()}
    except (ValueError, AttributeError) as error:
        raise RefusedError.of(f"{path} cannot be read", "expected what an export writes") from error


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
