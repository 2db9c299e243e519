"""What `pulumi preview --json` says it would do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from components.limits.refusal import RefusedError

_QUIET: Final = frozenset({"same", "read", "refresh"})
_PARTS: Final = frozenset({"steps", "changeSummary", "diagnostics"})
"""Of what the CLI writes; it leaves out the empty ones, but never all."""


@dataclass(frozen=True)
class Step:
    """One resource and what would happen to it; `paths` are the properties that differ."""

    op: str
    type: str
    name: str
    paths: tuple[str, ...]


STATEFUL: Final[dict[str, str]] = {
    "azure-native:dbforpostgresql:Database": "accounts",
    "azure-native:dbforpostgresql:Server": "accounts",
    "azure-native:keyvault:Vault": "secrets",
    "azure-native:operationalinsights:Workspace": "logs",
}
"""What is gone with a resource of a type, because nothing else holds it."""
_LOSING: Final = frozenset({"delete", "delete-replaced", "replace", "create-replacement"})


@dataclass(frozen=True)
class Plan:
    """The steps that change something, and what the engine had to say of errors."""

    steps: Sequence[Step]
    errors: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        """How many steps of each kind."""
        found: dict[str, int] = {}
        for step in self.steps:
            found[step.op] = found.get(step.op, 0) + 1
        return dict(sorted(found.items()))

    @property
    def losses(self) -> list[str]:
        """What the plan would delete or replace although it holds state, in words, each once."""
        found = [
            f"{step.name} ({step.type}) would be {'deleted' if step.op == 'delete' else 'replaced'}"
            f" with all its {STATEFUL[step.type]}"
            for step in self.steps
            if step.op in _LOSING and step.type in STATEFUL
        ]
        return list(dict.fromkeys(found))


def read(file: Path) -> Plan:
    """RefusedError where there is no plan: a preview that could not even begin is no good news."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedError.of(f"{file} cannot be read", "expected pulumi preview --json") from error
    try:
        content = json.loads(text[text.index("{") :])
        if not _PARTS & content.keys():
            raise KeyError("steps")
        return Plan(
            steps=[step for each in content.get("steps") or [] if (step := _step(each))],
            errors=[
                str(each.get("message", "")).strip()
                for each in content.get("diagnostics") or []
                if each.get("severity") == "error"
            ],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError.of(f"{file} holds no plan", "expected pulumi preview --json") from error


def _step(entry: Mapping[str, Any]) -> Step | None:
    if entry["op"] in _QUIET:
        return None
    _, _, types, name = entry["urn"].split("::", 3)
    paths = entry.get("detailedDiff") or entry.get("diffReasons") or entry.get("replaceReasons")
    return Step(entry["op"], types.rpartition("$")[2], name, tuple(sorted(paths or ())))
