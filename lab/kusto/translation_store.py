"""Translated queries, kept between runs: to translate one takes longer than to run it."""

import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from components.limits import kql_text
from lab.host.lab_folder import builds_folder

Tables = Mapping[str, Mapping[str, str]]

MOST: Final = 2_000
"""Files; a mutated rule is a text of its own, and nobody asks for it again."""
_LIBRARIES: Final = ("duckdb-kql", "duckdb", "antlr4-python3-runtime")


class TranslationStore:
    """One file a query in `folder`, named by all that its SQL depends on.

    What cannot be read or written is translated again: a full disk or a cut-off write never
    changes an answer.
    """

    def __init__(self, tables: Tables, folder: Path | None = None) -> None:
        self._folder = folder or builds_folder() / "translations"
        self._of_tables = (
            f"{_of_program()}{sorted((k, list(v.items())) for k, v in tables.items())}"
        )

    def take(self, kql: str, translate: Callable[[], str]) -> str:
        """The kept SQL, or that of `translate`, whose error is not kept."""
        name = hashlib.sha256(f"{self._of_tables}\n{kql}".encode()).hexdigest()
        path = self._folder / name
        with suppress(OSError, zlib.error, UnicodeDecodeError):
            found = zlib.decompress(path.read_bytes()).decode()
            os.utime(path)
            return found
        sql = translate()
        with suppress(OSError):
            self._keep(path, sql)
        return sql

    def _keep(self, path: Path, sql: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Two runs may write the same file: each its own, and the last one stays.
        own = path.with_suffix(f".{os.getpid()}")
        own.write_bytes(zlib.compress(sql.encode(), 1))
        own.replace(path)
        kept = [each for each in os.scandir(self._folder) if each.is_file()]
        if len(kept) > MOST:
            kept.sort(key=lambda each: each.stat().st_mtime)
            for each in kept[: len(kept) // 2]:
                Path(each.path).unlink(missing_ok=True)


def sources() -> list[Path]:
    """The files of the program on which a translation depends: this folder's, and KQL's words."""
    return [*sorted(Path(__file__).parent.glob("*.*")), Path(kql_text.__file__)]


@cache
def _of_program() -> str:
    """What translates: the program's files and the libraries below them."""
    found = hashlib.sha256()
    for path in sources():
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.hexdigest() + "".join(f" {version(name)}" for name in _LIBRARIES)
