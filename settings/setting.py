"""The form of a setting: what one row says, and how a class of typed fields is made of rows."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Final, Generic, TypeVar

from components.limits.letter_case import camel

T = TypeVar("T")

REQUIRED: Final = object()
"""The default of a setting that has none."""
_ROW: Final = "setting"


@dataclass(frozen=True)
class Rule(Generic[T]):
    """What a value may be: its type in Pulumi's words, how its text is read, what is expected.

    `read` gets the text that Pulumi hands over, lists and objects as JSON, and raises RefusedError.
    """

    type: str
    read: Callable[[str], T]
    takes: str
    items: str = ""
    """Type of a list's entries."""


@dataclass(frozen=True)
class Setting:
    """One row: all that anybody has to know of a setting."""

    name: str
    """Of the field, in snake case."""
    rule: Rule[Any]
    sentence: str
    """What it does; {takes} and {command} in it stand for what is said elsewhere in the row."""
    default: object
    secret: bool
    """Set with --secret: hidden in messages, and secret on its way to the component."""
    only_with: str
    """Field of the setting without which this one has no effect; empty for none."""
    argument: str
    """What the stack's component calls it."""

    @property
    def key(self) -> str:
        """In the words of a stack's file."""
        return camel(self.name)

    @property
    def command(self) -> str:
        """How it is set: lists and objects take a path."""
        key = {"array": f"'{self.key}[0]'", "object": f"{self.key}.<name>"}.get(self.rule.type)
        options = [*(["--secret"] if self.secret else []), *(["--path"] if key else [])]
        # What is asked for leaves no trace in the shell's history.
        value = [] if self.secret else ["<value>"]
        return " ".join(["pulumi config set", *options, key or self.key, *value])

    @property
    def default_text(self) -> str:
        """The default as Pulumi hands it over."""
        text = self.default
        return text if isinstance(text, str) else json.dumps(text, separators=(",", ":"))


def setting(
    rule: Rule[T],
    sentence: str,
    *,
    default: object = REQUIRED,
    secret: bool = False,
    only_with: str = "",
    argument: str = "",
) -> T:
    """A row, as the field of a dataclass; the rule's type is the field's."""
    told = {
        "rule": rule,
        "sentence": sentence,
        "default": default,
        "secret": secret,
        "only_with": only_with,
        "argument": argument,
    }
    row: Any = field(repr=not secret, metadata={_ROW: told})
    found: T = row
    return found


def rows(cls: Any) -> dict[str, Setting]:
    """The rows of a class, by key and in its order."""
    made = [
        Setting(name=each.name, **told | {"argument": told["argument"] or each.name})
        for each in fields(cls)
        for told in [each.metadata[_ROW]]
    ]
    return {each.key: each for each in made}
