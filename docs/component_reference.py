"""The reference of docs/components.md: inputs and outputs of each, from the package's schema."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

_PREFIX = "login-monitor:index:"
_Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]


def reference(schema: Mapping[str, Any], table: _Table) -> str:
    """A section for each component, then the objects that they take; `table` makes Markdown."""
    sections = [
        _component(token.removeprefix(_PREFIX), spec, table)
        for token, spec in sorted(schema["resources"].items())
    ]
    types = [
        _type(token.removeprefix(_PREFIX), spec, table)
        for token, spec in sorted(schema.get("types", {}).items())
    ]
    return "\n\n".join([*sections, "## Objects", *types])


def _component(name: str, spec: Mapping[str, Any], table: _Table) -> str:
    inputs = _rows(spec["inputProperties"])
    outputs = [
        (f"`{key}`", " ".join(each["description"].split()))
        for key, each in spec.get("properties", {}).items()
    ]
    return "\n\n".join(
        [
            f"## {name}",
            " ".join(spec["description"].split()),
            table(("Input", "Type", "What it is"), inputs),
            table(("Output", "What it is"), outputs),
        ]
    )


def _type(name: str, spec: Mapping[str, Any], table: _Table) -> str:
    about = " ".join(spec.get("description", "").split())
    rows = table(("Key", "Type", "What it is"), _rows(spec["properties"]))
    return "\n\n".join([f"### {name}", about, rows])


def _rows(properties: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Required ones first, then by name."""
    rows = [
        (f"`{key}`", _kind(each), " ".join(each.get("description", "").split()))
        for key, each in properties.items()
    ]
    return sorted(rows, key=lambda row: (not row[2].startswith("Required"), row[0]))


def _kind(spec: Mapping[str, Any]) -> str:
    if "$ref" in spec:
        name = re.sub(r".*:index:", "", spec["$ref"])
        return f"[{name}](#{name.lower()})"
    if spec.get("type") == "array":
        return f"list of {_kind(spec['items'])}"
    if spec.get("type") == "object":
        return f"map of {_kind(spec['additionalProperties'])}"
    return str(spec.get("type", "any"))
