"""Names that Azure accepts (learn.microsoft.com, "Naming rules and restrictions for resources")."""

import re
import sys
import uuid
from dataclasses import dataclass
from typing import Final

from components.limits.refusal import Refusal
from lab.azure.core.resource_error import refused


@dataclass(frozen=True)
class NameRule:
    """`pattern` says which characters may stand where, without the length."""

    shortest: int
    longest: int
    pattern: str
    words: str

    def problems(self, name_property: str, name: str) -> list[Refusal]:
        """What is wrong with a name that stands in that input."""
        if not self.shortest <= len(name) <= self.longest:
            wrong = f"has {len(name)} characters"
        elif not re.fullmatch(self.pattern, name):
            wrong = "is no name that Azure accepts"
        else:
            return []
        expectation = f"expected {self.shortest} to {self.longest} characters: {self.words}"
        return [refused(name_property, name, expectation, wrong)]

    def automatic(self, logical_name: str, digest: str) -> str:
        """What the provider calls a resource that the program gives no name; `digest` is hex."""
        return f"{logical_name}{digest[:8]}"


class GuidName(NameRule):
    """The provider names these with a GUID where the program gives no name."""

    def automatic(self, logical_name: str, digest: str) -> str:
        return str(uuid.UUID(digest[:32]))


class OneName(NameRule):
    """There is one of it in its parent, and everybody calls it by this word."""

    def problems(self, name_property: str, name: str) -> list[Refusal]:
        if name == self.pattern:
            return []
        return [refused(name_property, name, f"expected {self.words}")]


GUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
HYPHENS: Final = "letters, digits and hyphens, none at the ends"

ANY_NAME: Final = NameRule(0, sys.maxsize, r"(?s).*", "any name")
"""Of a type without a rule of its own."""
GUID_NAME: Final = GuidName(36, 36, GUID, "a lower-case GUID")
DEFAULT_NAME: Final = OneName(7, 7, "default", "default")
