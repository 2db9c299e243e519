"""The KQL functions of `kql/functions/`: inlined into rules, saved in the workspace too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.content import kql_file, places
from components.limits import kql_text
from components.limits.refusal import Refusal, RefusedError

FUNCTIONS = places.KQL / "functions"

_PARAMETERS = re.compile(r"\w+:\w+(, ?\w+:\w+)*")


@dataclass(frozen=True)
class KqlFunction:
    """A named piece of KQL: tabular without parameters, scalar with them (`text:string`)."""

    name: str
    parameters: str
    body: str
    description: str

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
    refusals = file.unknown_keys(("description", "parameters"))
    description, parameters = file.head.get("description"), file.head.get("parameters", "")
    if not isinstance(description, str) or not description.strip():
        where = file.where("description")
        refusals.append(Refusal(where, "is missing", "expected one sentence"))
    if not isinstance(parameters, str) or (parameters and not _PARAMETERS.fullmatch(parameters)):
        where, expected = file.where("parameters"), "expected `name:type, name:type`"
        refusals.append(Refusal(where, "cannot be read", expected, parameters))
    if refusals:
        raise RefusedError(*refusals)
    return KqlFunction(path.stem, str(parameters), file.body.rstrip(";"), str(description).strip())
