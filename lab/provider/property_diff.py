"""What changed between two sets of inputs, property by property, as Pulumi's engine shows it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from lab.azure.core.location import plain_location

ABSENT: Final = object()


def property_diff(
    old: Mapping[str, Any], new: Mapping[str, Any], fixed: Collection[str] = ()
) -> dict[str, str]:
    """Kinds of Pulumi's protocol by path; a change below a property of `fixed` replaces."""
    return {
        path: f"{kind}_REPLACE" if key in fixed else kind
        for key in sorted({*old, *new})
        if not _same_place(key, old.get(key), new.get(key))
        for path, kind in _changes(key, old.get(key, ABSENT), new.get(key, ABSENT))
    }


def top_level(path: str) -> str:
    """The property that a path begins with."""
    return path.replace("[", ".").partition(".")[0]


def _same_place(key: str, old: Any, new: Any) -> bool:
    both = key == "location" and isinstance(old, str) and isinstance(new, str)
    return both and plain_location(old) == plain_location(new)


def _changes(path: str, old: Any, new: Any) -> Iterator[tuple[str, str]]:
    if old is ABSENT or old is None:
        if new is not ABSENT and new is not None:
            yield path, "ADD"
    elif new is ABSENT or new is None:
        yield path, "DELETE"
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _changes(_below(path, key), old.get(key, ABSENT), new.get(key, ABSENT))
    elif isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            before = old[number] if number < len(old) else ABSENT
            after = new[number] if number < len(new) else ABSENT
            yield from _changes(f"{path}[{number}]", before, after)
    elif old != new:
        yield path, "UPDATE"


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if key.isidentifier() else f'{path}["{key}"]'
