"""Runs a Pulumi program's `__main__.py`, and says where it failed."""

import contextlib
import runpy
import sys
import sysconfig
import traceback
from collections.abc import Container, Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from components.content.places import ROOT

SHOWN_FRAMES: Final = 3


def run_program(main: Path) -> None:
    """`main` is a folder with `__main__.py`, or a file."""
    runpy.run_path(str(main), run_name="__main__")


@contextlib.contextmanager
def place_of(main: Path) -> Iterator[None]:
    """Working directory, arguments and modules of the program, as the CLI's process has them."""
    folder = main if main.is_dir() else main.parent
    arguments = sys.argv
    with contextlib.chdir(folder), _own_modules(folder):
        sys.argv = [str(main)]
        try:
            yield
        finally:
            sys.argv = arguments


def failure(error: BaseException, folder: Path) -> str:
    """The error, and the last lines of the program's own files that led to it."""
    text = "".join(traceback.format_exception_only(error)).strip()
    others = (Path(sysconfig.get_path("purelib")), ROOT / "lab")
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(folder)
        and not any(Path(frame.filename).is_relative_to(other) for other in others)
    ]
    lines = [
        f"  {Path(frame.filename).relative_to(folder)}:{frame.lineno} in {frame.name}: {frame.line}"
        for frame in frames[-SHOWN_FRAMES:]
    ]
    return "\n".join([f"the program failed: {text}", *lines])


@contextlib.contextmanager
def _own_modules(folder: Path) -> Iterator[None]:
    """The program imports its own `settings`, whatever module of that name is loaded already."""
    entries = {path.stem: path for path in folder.iterdir() if path.suffix in ("", ".py")}
    strangers = {
        name
        for name, path in entries.items()
        if name in sys.modules and _replaceable(name) and not _is(sys.modules[name], path)
    }
    before = {name: sys.modules.pop(name) for name in _loaded(strangers)}
    try:
        yield
    finally:
        for name in _loaded(strangers):
            del sys.modules[name]
        sys.modules.update(before)


def _replaceable(name: str) -> bool:
    return name not in ("__main__", "lab") and name not in sys.stdlib_module_names


def _is(module: ModuleType, path: Path) -> bool:
    """A module is a file, or a folder with `__init__.py`, or a folder without."""
    own = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", [])]
    return any(Path(each) == path or Path(each).parent == path for each in own)


def _loaded(tops: Container[str]) -> list[str]:
    """The modules of these names, and those inside them."""
    return [name for name in sys.modules if name.partition(".")[0] in tops]
