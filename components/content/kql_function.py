"""The KQL functions of `kql/functions/`: inlined into rules, saved in the workspace too."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.content import kql_file, places
from components.content.kql_file import KqlFileError
from components.limits import kql_text

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
    """Every function of the folder by name (its file's name); KqlFileError lists all bad files."""
    functions: dict[str, KqlFunction] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.kql")):
        try:
            functions[path.stem] = _load(path)
        except KqlFileError as error:
            problems.append(str(error))
    if problems:
        raise KqlFileError("\n".join(problems))
    return functions


def used_by(kql: str, functions: Mapping[str, KqlFunction]) -> tuple[KqlFunction, ...]:
    """The functions that a text names, and the ones those name, each after what it needs."""
    found: dict[str, KqlFunction] = {}

    def visit(text: str, above: tuple[str, ...]) -> None:
        words = set(re.findall(r"\w+", kql_text.code_only(text)))
        for name in sorted(words & functions.keys()):
            if name in above:
                raise KqlFileError(
                    f"function {name} uses itself ({' -> '.join((*above, name))});"
                    " expected functions without a circle"
                )
            if name not in found:
                visit(functions[name].body, (*above, name))
                found[name] = functions[name]

    visit(kql, ())
    return tuple(found.values())


def _load(path: Path) -> KqlFunction:
    file = kql_file.read(path)
    problems = file.unknown_keys(("description", "parameters"))
    description, parameters = file.head.get("description"), file.head.get("parameters", "")
    if not isinstance(description, str) or not description.strip():
        problems.append(f"description is missing; expected one sentence ({file.where()})")
    if not isinstance(parameters, str) or (parameters and not _PARAMETERS.fullmatch(parameters)):
        problems.append(
            f"parameters {parameters!r} cannot be read; expected `name:type, name:type`"
            f" ({file.where('parameters')})"
        )
    if problems:
        raise KqlFileError("\n".join(problems))
    return KqlFunction(path.stem, str(parameters), file.body.rstrip(";"), str(description).strip())
