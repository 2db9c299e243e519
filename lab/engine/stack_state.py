"""What an engine remembers of a stack between two runs of its program."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class Entry:
    """A resource as the last run left it; inputs and outputs as on the wire, secrets marked."""

    urn: str
    id: str
    inputs: Json
    outputs: Json
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    retain: bool = False


class StackState:
    """By URN, in the order of the last run; and what is superseded and still there."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self.superseded: list[Entry] = []
        """Replaced by a newer one, and to be deleted when the program has come to its end."""

    def find(self, urns: Iterable[str]) -> Entry | None:
        """The first that is known: a resource may have had other names before."""
        return next((self._entries[each] for each in urns if each in self._entries), None)

    def keep(self, entry: Entry, instead_of: str = "") -> None:
        """The newest comes last."""
        self._entries.pop(instead_of or entry.urn, None)
        self._entries.pop(entry.urn, None)
        self._entries[entry.urn] = entry

    def drop(self, entry: Entry) -> None:
        """Of both kinds."""
        if self._entries.get(entry.urn) is entry:
            del self._entries[entry.urn]
        self.superseded = [each for each in self.superseded if each is not entry]

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def protected(self) -> set[str]:
        """The URNs of what is protected, and of all that it depends on: the rest can be deleted."""
        found: set[str] = set()
        waiting = [each for each in self.entries() if each.protect]
        while waiting:
            each = waiting.pop()
            if each.urn not in found:
                found.add(each.urn)
                waiting += [self._entries[urn] for urn in each.dependencies if urn in self._entries]
        return found

    def dependents(self, entry: Entry) -> list[Entry]:
        """What names it, directly or by others, in order."""
        reached = {entry.urn}
        found = []
        for each in self.entries():
            if each.urn not in reached and reached.intersection(each.dependencies):
                reached.add(each.urn)
                found.append(each)
        return found
