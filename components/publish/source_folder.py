"""A folder of an app's code, judged before anything is created: does it hold what will be asked?

Pure of pulumi. What only the build or the app itself can find out stays theirs.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from components.limits.refusal import Place, Refusal, nearest, shown

REQUIREMENTS: Final = "requirements.txt"
_SERVERS: Final = ("gunicorn", "uvicorn", "hypercorn", "daphne", "granian", "waitress-serve")
"""Programs that take the app as `module:object`, gunicorn as `module` alone too."""
_APP: Final = re.compile(r"(?P<module>[A-Za-z_][\w.]*):[A-Za-z_][\w.]*(\(.*\))?")
_BARE: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_PYTHON: Final = re.compile(r"python[0-9.]*")
_ELSEWHERE: Final = ("--chdir", "--pythonpath", "--app-dir", "--working-dir", "cd")
"""Where one of these stands, modules are looked for in a folder that only the shell knows."""
_ENDS: Final = frozenset(";&|")


def refusals(folder: Path, start_command: str) -> list[Refusal]:
    """What is wrong with the folder, or with a command that is to start the app in it."""
    if not folder.is_dir():
        problem = "is not there" if not folder.exists() else "is no folder"
        expected = "expected the folder of the app's code"
        return [Refusal(Place(property="source_folder"), problem, expected, shown(folder))]
    found = [
        _requirements(folder),
        *(_missing(folder, module) for module in _modules(folder, start_command)),
    ]
    return [each for each in found if each is not None]


def _requirements(folder: Path) -> Refusal | None:
    """App Service installs what stands in this file, and nothing without it."""
    file = folder / REQUIREMENTS
    where = Place(file=shown(file), property="source_folder")
    expected = "expected a text file with one requirement a line, where the build looks for it"
    if not file.exists():
        return Refusal(where, f"has no {REQUIREMENTS}", expected, shown(folder))
    try:
        file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return Refusal(where, f"has a {REQUIREMENTS} that cannot be read: {reason}", expected)
    return None


def _missing(folder: Path, module: str) -> Refusal | None:
    path = PurePosixPath(*module.split("."))
    files = (folder / path.with_suffix(".py"), folder / path / "__init__.py")
    if any(file.is_file() for file in files):
        return None
    known = list(_known_modules(folder, path.name))
    expected = f"expected {path}.py in {shown(folder)}"
    if known:
        expected = f"{expected}; {nearest(module, known)}"
    problem = "names a module that is not there"
    return Refusal(Place(property="start_command"), problem, expected, module)


def _known_modules(folder: Path, name: str) -> Iterator[str]:
    """Modules with the same last name, which is what one gets right: shop.wsgi for site.wsgi."""
    for file in sorted(folder.rglob(f"{name}.py")):
        path = file.relative_to(folder)
        if not any(part.startswith(".") or part == "site-packages" for part in path.parts):
            yield ".".join(path.with_suffix("").parts)


def _modules(folder: Path, command: str) -> Iterator[str]:
    """The modules that a shell command will look for in the folder."""
    try:
        words = list(_words(command))
    except ValueError:
        return  # a quote without its end: the shell says it better
    if any(word.partition("=")[0] in _ELSEWHERE for word in words):
        return
    at = 0
    while at < len(words):
        end = next((n for n in range(at, len(words)) if set(words[n]) <= _ENDS), len(words))
        yield from _of_one(folder, words[at:end])
        at = end + 1


def _of_one(folder: Path, words: list[str]) -> Iterator[str]:
    while words and re.fullmatch(r"\w+=.*|exec", words[0]):
        words = words[1:]
    if not words:
        return
    program, rest = PurePosixPath(words[0]).name, words[1:]
    if _PYTHON.fullmatch(program):
        rest = [word for word in rest if word not in ("-u", "-O", "-B")]
        if rest[:1] == ["-m"] and len(rest) > 1:
            if rest[1] not in _SERVERS:
                yield from _own(folder, rest[1])
                return
            program, rest = rest[1], rest[2:]
        elif rest and rest[0].endswith(".py"):
            yield ".".join(PurePosixPath(rest[0]).with_suffix("").parts)
            return
    if program in _SERVERS:
        apps = [match["module"] for word in rest if (match := _APP.fullmatch(word))]
        if not apps and program == "gunicorn" and rest and _BARE.fullmatch(rest[-1]):
            apps = [rest[-1]]
        yield from apps[-1:]


def _own(folder: Path, module: str) -> Iterator[str]:
    """`python -m` starts what is installed, too: only what begins in the folder can be judged."""
    top = module.partition(".")[0]
    if (folder / top).is_dir() and top != module:
        yield module


def _words(command: str) -> Iterator[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    yield from lexer
