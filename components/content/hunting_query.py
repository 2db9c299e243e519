"""A hunting query: one file of `kql/hunting/`, for people who ask the logs themselves. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.content import kql_file, kql_function, places
from components.content.kql_file import KqlFile
from components.content.kql_function import KqlFunction
from components.limits.refusal import Refusal, RefusedError, nearest

HUNTING = places.KQL / "hunting"

QUESTIONS = (
    "Who is attacking?",
    "Did they get in?",
    "What did this address or account do?",
    "Who signed in, when and from where?",
    "What changed, and who may deploy?",
    "Which alerts fired?",
    "Is the app healthy?",
    "Can I trust the log, and what does it cost?",
)
"""What people bring to the logs; the library is indexed by it."""

_REQUIRED = ("name", "description", "question", "tables")
_KEYS = (*_REQUIRED, "attack", "only_in_azure")


@dataclass(frozen=True)
class HuntingQuery:
    """What head and query say; `only_in_azure` is why the lab cannot run it, empty where it can."""

    slug: str
    name: str
    description: str
    question: str
    tables: tuple[str, ...]
    attack: tuple[str, ...]
    only_in_azure: str
    query: str
    functions: tuple[KqlFunction, ...]

    def rendered_query(self) -> str:
        """The query by itself: the functions it uses as `let` statements, then the body.

        The workspace has the functions saved, so there the body alone does.
        """
        return "\n".join([*(function.as_let() for function in self.functions), self.query])


def load_all(
    folder: Path = HUNTING, functions: Mapping[str, KqlFunction] | None = None
) -> dict[str, HuntingQuery]:
    """Every hunting query by slug; RefusedError has what is wrong with all files."""
    known = kql_function.load_all() if functions is None else functions
    found, refusals = kql_file.each_readable(folder, lambda path: read(path, known))
    if refusals:
        raise RefusedError(*refusals)
    return found


def read(path: Path, functions: Mapping[str, KqlFunction]) -> HuntingQuery:
    """The query of one file; RefusedError has everything that is wrong with its head."""
    file = kql_file.read(path)
    if refusals := _refusals(file):
        raise RefusedError(*refusals)
    head: dict[str, Any] = file.head
    return HuntingQuery(
        slug=path.stem,
        name=head["name"],
        description=" ".join(head["description"].split()),
        question=head["question"],
        tables=tuple(head["tables"]),
        attack=tuple(head.get("attack", ())),
        only_in_azure=head.get("only_in_azure", ""),
        query=file.body,
        functions=kql_function.used_by(file.body, functions),
    )


def _refusals(file: KqlFile) -> list[Refusal]:
    found = file.unknown_keys(_KEYS)
    found += file.missing_keys(_REQUIRED, "expected in every head")
    for key, value in file.head.items():
        if key in ("tables", "attack"):
            texts = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
            expected = "" if texts else "expected a list of names"
        elif key in _KEYS:
            expected = "" if isinstance(value, str) and value.strip() else "expected a text"
        else:
            continue
        if expected:
            found.append(Refusal(file.where(key), "is not allowed", expected, value))
        elif key == "question" and value not in QUESTIONS:
            found.append(Refusal(file.where(key), "is unknown", nearest(value, QUESTIONS), value))
    return found
