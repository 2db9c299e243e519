"""Pulumi.yaml and Pulumi.<stack>.yaml: a stack's configuration, checked as the Pulumi CLI does."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from lab.deploy_error import DeployError

ABSENT: Final = object()
_DECLARATION: Final = frozenset({"type", "description", "default", "value", "secret", "items"})


@dataclass(frozen=True)
class Project:
    """Pulumi.yaml: where it is and what it declares."""

    file: Path
    name: str
    main: Path
    stack_folder: Path
    declared: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, *, any_language: bool = False) -> "Project":
        """Raises DeployError when there is no usable Pulumi.yaml, or no program in Python."""
        file = folder / "Pulumi.yaml"
        content = read_yaml(file, required=True)
        if not isinstance(content.get("name"), str):
            raise DeployError(f"name is missing; expected the project's name ({file.name})")
        declared = content.get("config") or {}
        if not isinstance(declared, dict):
            raise DeployError(f"config {declared!r} is no mapping of keys ({file.name})")
        main = folder / str(content.get("main") or "")
        if not (any_language or main.is_file() or (main / "__main__.py").is_file()):
            raise DeployError(f"{main} has no __main__.py; expected the program ({file.name})")
        stacks = folder / str(content.get("stackConfigDir") or "")
        return cls(file, content["name"], main, stacks, declared)

    def full_key(self, key: str) -> str:
        return key if ":" in key else f"{self.name}:{key}"

    def short_key(self, key: str) -> str:
        return key.removeprefix(f"{self.name}:")


@dataclass
class StackConfig:
    """Values by full key, as the program's `pulumi.Config` gets them: all of them text."""

    values: dict[str, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    skipped_secrets: list[str] = field(default_factory=list)
    """Secrets of the stack file: encrypted for a key that is not here."""


def read_stack_config(project: Project, stack: str, overrides: Mapping[str, str]) -> StackConfig:
    """The overrides win over the stack's file, and that over the project's defaults.

    Raises DeployError with everything that the CLI would refuse.
    """
    stated = read_yaml(project.stack_folder / f"Pulumi.{stack}.yaml").get("config") or {}
    given = {project.full_key(key): value for key, value in stated.items()}
    over = {project.full_key(key): value for key, value in overrides.items()}
    config = StackConfig()
    for key in [key for key, value in given.items() if is_encrypted(value)]:
        del given[key]
        config.secrets.add(key)
        if key not in over:
            config.skipped_secrets.append(project.short_key(key))
    missing, problems = [], []
    values = given | over
    for key, declaration in project.declared.items():
        full = project.full_key(key)
        secret = _is_declaration(declaration) and bool(declaration.get("secret"))
        if secret:
            config.secrets.add(full)
        value = values.get(full, _default(declaration))
        if value is ABSENT:
            missing.append(_missing(key, stack, secret, key in config.skipped_secrets))
        elif secret and full not in over:
            problems.append(f"configuration key {key!r} must be encrypted as it's secret")
        else:
            values[full], problem = _typed(key, declaration, value, from_text=full in over)
            problems += problem
    refused = missing + [f"Stack {stack!r} with {problem}" for problem in problems]
    if refused:
        raise DeployError("\n".join(refused))
    config.values = {key: _text(value) for key, value in sorted(values.items())}
    return config


def read_yaml(file: Path, *, required: bool = False) -> dict[str, Any]:
    """The file's mapping, empty without a file; DeployError when it cannot be read."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if required:
            raise DeployError(f"{file} does not exist; expected a Pulumi project") from error
        return {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        words = " ".join(str(error).split())
        raise DeployError(f"{file.name} cannot be read; expected YAML: {words}") from error
    if not isinstance(content, dict | None):
        raise DeployError(f"{file.name} holds no mapping; expected keys and values")
    return content or {}


def is_encrypted(value: Any) -> bool:
    """Whether a stack file's value is, or holds, something encrypted."""
    if isinstance(value, dict):
        return set(value) == {"secure"} or any(map(is_encrypted, value.values()))
    return isinstance(value, list) and any(map(is_encrypted, value))


def _default(declaration: Any) -> Any:
    """What a key has without a value of its own; the short form `key: 5` is a default itself."""
    if not _is_declaration(declaration):
        return declaration
    return declaration.get("default", declaration.get("value", ABSENT))


def _is_declaration(declaration: Any) -> bool:
    return isinstance(declaration, dict) and set(declaration) <= _DECLARATION


def _missing(key: str, stack: str, secret: bool, encrypted: bool) -> str:
    problem = f"Stack {stack!r} is missing configuration value {key!r}"
    if encrypted:
        return f"{problem}; it is encrypted in the stack's file, give it another value for this run"
    option = " --secret" if secret else ""
    return f"{problem}; set it with `pulumi config set{option} {key} <value> --stack {stack}`"


def _typed(
    key: str, declaration: Any, value: Any, *, from_text: bool
) -> tuple[Any, tuple[str, ...]]:
    """The value and what is wrong with it; an override gives lists and objects as JSON."""
    if not _is_declaration(declaration):
        return value, ()
    kind = declaration.get("type") or _kind(declaration.get("default", ""))
    if from_text and kind in ("array", "object"):
        with contextlib.suppress(ValueError):  # what is no JSON stays text, and is refused below
            value = json.loads(str(value))
    scalar = kind == "string" and not isinstance(value, dict | list)  # the CLI keeps it as text
    if scalar or _fits(value, {**declaration, "type": kind}):
        return value, ()
    return value, (_wrong(key, declaration, kind, value),)


def _wrong(key: str, declaration: Mapping[str, Any], kind: str, value: Any) -> str:
    shown = "[secret]" if declaration.get("secret") else repr(value)
    expected = _spoken({**declaration, "type": kind})
    return f"configuration key {key!r} must be of type {expected!r}, not {shown}"


def _kind(default: Any) -> str:
    kinds = {bool: "boolean", int: "integer", list: "array", dict: "object"}
    return kinds.get(type(default), "string")


def _fits(value: Any, declaration: Mapping[str, Any]) -> bool:
    match declaration.get("type"):
        case "string":
            return isinstance(value, str)
        case "integer":
            whole = isinstance(value, int) and not isinstance(value, bool)
            return whole or (isinstance(value, str) and value.lstrip("+-").isdecimal())
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "object":
            return isinstance(value, dict)
        case "array":
            items = declaration.get("items") or {}
            return isinstance(value, list) and all(_fits(item, items) for item in value)
    return True


def _spoken(declaration: Mapping[str, Any]) -> str:
    if declaration.get("type") == "array" and declaration.get("items"):
        return f"array<{_spoken(declaration['items'])}>"
    return str(declaration.get("type"))


def _text(value: Any) -> str:
    return (
        value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)
    )
