"""The KQL functions of `kql/functions/`: inlined into rules, saved in the workspace too.

One with a `source` in its head makes login events of a log; `login_sources` chooses among those.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from components.content import kql_file, places
from components.content.kql_file import KqlFile
from components.limits import kql_text
from components.limits.refusal import Refusal, RefusedError

FUNCTIONS = places.KQL / "functions"
TELLS: Final = (
    "account",
    "address",
    "agent",
    "success",
    "unknown_account",
    "limits",
    "forged_form",
)
"""What a source of login events may tell, and a detection may need: the account that was tried, the
address and the user agent it came from, sign-ins that succeed, that an account does not exist, that
a limit turned somebody away, that a form came without its token.
"""

_PARAMETERS = re.compile(r"\w+:\w+(, ?\w+:\w+)*")


class _HeadKey(NamedTuple):
    """What a key of a source's head takes, as a test and in words."""

    accepts: Callable[[object], bool]
    expectation: str


def _is_word(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_]*", value) is not None


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_OF_A_SOURCE: Final = {
    "source": _HeadKey(_is_word, "a word in lower case, such as lines"),
    "tells": _HeadKey(
        lambda value: _are_texts(value) and set(value) <= set(TELLS),  # type: ignore[call-overload]
        f"a list of {', '.join(TELLS)}",
    ),
    "tables": _HeadKey(
        lambda value: _are_texts(value) and bool(value), "the log tables that it reads"
    ),
}


@dataclass(frozen=True)
class KqlFunction:
    """A named piece of KQL: tabular without parameters, scalar with them (`text:string`)."""

    name: str
    parameters: str
    body: str
    description: str
    source: str = ""
    """What a stack calls it as a source of login events; empty for any other function."""
    tells: tuple[str, ...] = ()
    """Which of TELLS its events have."""
    tables: tuple[str, ...] = ()
    """The log tables that a source reads."""

    def as_let(self) -> str:
        """The `let` statement that makes the function known inside one query."""
        if self.parameters:
            return f"let {self.name} = ({self.parameters}) {{\n{self.body}\n}};"
        return f"let {self.name} = {self.body}\n;"


def load_all(folder: Path = FUNCTIONS) -> dict[str, KqlFunction]:
    """Every function of the folder by name (its file's name); RefusedError has all bad files."""
    functions, refusals = kql_file.each_readable(folder, _load)
    if refusals:
        raise RefusedError(*refusals)
    return functions


def used_by(kql: str, functions: Mapping[str, KqlFunction]) -> tuple[KqlFunction, ...]:
    """The functions that a text names, and the ones those name, each after what it needs."""
    found: dict[str, KqlFunction] = {}

    def visit(text: str, above: tuple[str, ...]) -> None:
        words = set(re.findall(r"\w+", kql_text.code_only(text)))
        for name in sorted(words & functions.keys()):
            if name in above:
                what = f"function {name} uses itself ({' -> '.join((*above, name))})"
                raise RefusedError.of(what, "expected functions without a circle")
            if name not in found:
                visit(functions[name].body, (*above, name))
                found[name] = functions[name]

    visit(kql, ())
    return tuple(found.values())


def _load(path: Path) -> KqlFunction:
    file = kql_file.read(path)
    refusals = file.unknown_keys(("description", "parameters", *_OF_A_SOURCE))
    head: dict[str, Any] = file.head
    description, parameters = head.get("description"), head.get("parameters", "")
    if not isinstance(description, str) or not description.strip():
        where = file.where("description")
        refusals.append(Refusal(where, "is missing", "expected one sentence"))
    if not isinstance(parameters, str) or (parameters and not _PARAMETERS.fullmatch(parameters)):
        where, expected = file.where("parameters"), "expected `name:type, name:type`"
        refusals.append(Refusal(where, "cannot be read", expected, parameters))
    if any(key in head for key in _OF_A_SOURCE):
        refusals += _of_a_source(file)
    if refusals:
        raise RefusedError(*refusals)
    return KqlFunction(
        path.stem,
        str(parameters),
        file.body.rstrip(";"),
        str(description).strip(),
        head.get("source", ""),
        tuple(head.get("tells", ())),
        tuple(head.get("tables", ())),
    )


def _of_a_source(file: KqlFile) -> Iterator[Refusal]:
    """What is wrong with the keys by which a function is a source: it has all three."""
    for key, rule in _OF_A_SOURCE.items():
        if key not in file.head:
            yield Refusal(file.where(key), "is missing", f"expected {rule.expectation}")
        elif not rule.accepts(value := file.head[key]):
            yield Refusal(file.where(key), "is not allowed", f"expected {rule.expectation}", value)
