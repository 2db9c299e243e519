"""A hunting query: one file of `kql/hunting/`, for people who ask the logs themselves. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.content import kql_file, kql_function, places
from components.content.kql_file import KqlFile, KqlFileError
from components.content.kql_function import KqlFunction
from components.limits.refusal import nearest

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
    """Every hunting query by slug; KqlFileError lists the problems of all files."""
    functions = kql_function.load_all() if functions is None else functions
    found: dict[str, HuntingQuery] = {}
    messages: list[str] = []
    for path in sorted(folder.glob("*.kql")):
        try:
            found[path.stem] = read(path, functions)
        except KqlFileError as error:
            messages.append(str(error))
    if messages:
        raise KqlFileError("\n".join(messages))
    return found


def read(path: Path, functions: Mapping[str, KqlFunction]) -> HuntingQuery:
    """The query of one file; KqlFileError lists everything wrong with its head."""
    file = kql_file.read(path)
    if messages := _refusals(file):
        raise KqlFileError("\n".join(messages))
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


def _refusals(file: KqlFile) -> list[str]:
    messages = file.unknown_keys(_KEYS)
    messages += [
        f"key {key!r} is missing; expected in every head ({file.where()})"
        for key in _REQUIRED
        if key not in file.head
    ]
    for key, value in file.head.items():
        if key in ("tables", "attack"):
            texts = isinstance(value, list) and value and all(isinstance(one, str) for one in value)
            if not texts:
                messages.append(
                    f"{key} {value!r} is not allowed; expected a list of names ({file.where(key)})"
                )
        elif key in _KEYS and not (isinstance(value, str) and value.strip()):
            messages.append(f"{key} {value!r} is not allowed; expected a text ({file.where(key)})")
    question = file.head.get("question")
    if isinstance(question, str) and question.strip() and question not in QUESTIONS:
        messages.append(
            f"question {question!r} is unknown; {nearest(question, QUESTIONS)}"
            f" ({file.where('question')})"
        )
    return messages
