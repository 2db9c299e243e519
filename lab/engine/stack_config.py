"""Pulumi.yaml and Pulumi.<stack>.yaml: a stack's configuration, checked as the Pulumi CLI does."""

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from lab.engine.deploy_error import DeployError

CLOUD: Final = "azure-native:metadataHost"
"""The provider's own setting for the host of a cloud that is not Azure's public one."""
HERE: Final = "127.0.0.1"
"""What a program finds there in a rehearsal, and may ask: the cloud is this machine."""

ABSENT: Final = object()
_QUOTED: Final = re.compile(r" (['\"]).{2,}\1")
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


def replaced(project: Project, stack: str, overrides: Mapping[str, str]) -> set[str]:
    """The overrides of values that the stack's file states, unless it has them encrypted."""
    given = _stated(project, stack)
    return {
        key
        for key in overrides
        if (full := project.full_key(key)) in given and not is_encrypted(given[full])
    }


def _stated(project: Project, stack: str) -> dict[str, Any]:
    """The values of the stack's file by their full keys."""
    stated = read_yaml(project.stack_folder / f"Pulumi.{stack}.yaml").get("config") or {}
    return {project.full_key(key): value for key, value in stated.items()}


def read_stack_config(project: Project, stack: str, overrides: Mapping[str, str]) -> StackConfig:
    """The overrides win over the stack's file, and that over the project's defaults.

    Raises DeployError with everything that the CLI would refuse.
    """
    given = _stated(project, stack)
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
        raise DeployError(f"{file.name} cannot be read; expected YAML: {_fault(error)}") from error
    if not isinstance(content, dict | None):
        raise DeployError(f"{file.name} holds no mapping; expected keys and values")
    return content or {}


def _fault(error: yaml.YAMLError | UnicodeDecodeError) -> str:
    """What is wrong and where, without any word of the file: it may be a password."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is no UTF-8"
    mark = getattr(error, "problem_mark", None)
    problem = _QUOTED.sub("", getattr(error, "problem", None) or "it cannot be parsed")
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else problem


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
    """Not the value itself: not every secret can be declared one, and this may be one of them."""
    expected = _spoken({**declaration, "type": kind})
    return f"configuration key {key!r} must be of type {expected!r}, not {_shape(value)!r}"


def _kind(default: Any) -> str:
    kinds = {bool: "boolean", int: "integer", list: "array", dict: "object"}
    return kinds.get(type(default), "string")


def _shape(value: Any) -> str:
    """What sort of value somebody wrote, in the words of `_spoken`."""
    if isinstance(value, list):
        inside = sorted({_shape(each) for each in value})
        return f"array<{' | '.join(inside)}>" if inside else "array"
    kinds = {bool: "boolean", int: "integer", float: "number", dict: "object", type(None): "null"}
    return kinds.get(type(value), "string")


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
