"""One thing a visitor does."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["get", "login", "logout", "request"]


@dataclass(frozen=True)
class Action:
    """`at` in seconds from the scenario's start; `path` comes encoded and is sent byte for byte."""

    at: float
    visitor: str
    kind: Kind
    path: str = "/"
    username: str = ""
    password: str = field(default="", repr=False)
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    data: str = field(default="", repr=False)
    """Body of a `request`, as written."""
    solves: bool = False
    """Whether a `login` does the work that its form asks for, as browsers do and scripts do not."""
