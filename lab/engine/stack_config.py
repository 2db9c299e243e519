"""Pulumi.yaml and Pulumi.<stack>.yaml: a stack's configuration, checked as the Pulumi CLI does."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from components.content import yaml_file
from components.content.yaml_file import Yaml
from components.limits.refusal import Place, Refusal, RefusedError, shown

CLOUD: Final = "azure-native:metadataHost"
"""The provider's own setting for the host of a cloud that is not Azure's public one."""
HERE: Final = "127.0.0.1"
"""What a program finds there in a rehearsal, and may ask: the cloud is this machine."""

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
        """Raises RefusedError when there is no usable Pulumi.yaml, or no program in Python."""
        file = folder / "Pulumi.yaml"
        text = read_yaml(file, required=True)
        content = text.value
        if not isinstance(content.get("name"), str):
            expected = "expected the project's name"
            raise RefusedError(Refusal(text.where("name"), "is missing", expected))
        declared = _mapping(text, "config")
        main = folder / str(content.get("main") or "")
        if not (any_language or main.is_file() or (main / "__main__.py").is_file()):
            what = f"{main} has no __main__.py"
            raise RefusedError(Refusal(Place(shown(file)), what, "expected the program"))
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
    refusals: list[Refusal] = field(default_factory=list)
    """What the CLI would refuse; a value of the wrong type is nevertheless among the values."""
    untold: list[Refusal] = field(default_factory=list)
    """Those of them that a program cannot tell: it sees neither what is encrypted nor how."""


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
    stated = _mapping(_stack_file(project, stack), "config")
    return {project.full_key(key): value for key, value in stated.items()}


def _stack_file(project: Project, stack: str) -> Yaml:
    return read_yaml(project.stack_folder / f"Pulumi.{stack}.yaml")


def _places(project: Project, stack: str) -> dict[str, Place]:
    """Where the stack's file has each of its keys, by full key."""
    file = _stack_file(project, stack)
    return {
        project.full_key(key): replace(file.where("config", key), key=project.short_key(key))
        for key in _mapping(file, "config")
    }


def read_stack_config(project: Project, stack: str, overrides: Mapping[str, str]) -> StackConfig:
    """As `examined`; RefusedError with everything that the CLI would refuse."""
    config = examined(project, stack, overrides)
    if config.refusals:
        raise RefusedError(*config.refusals)
    return config


def examined(project: Project, stack: str, overrides: Mapping[str, str]) -> StackConfig:
    """The overrides win over the stack's file, and that over the project's defaults.

    Raises RefusedError for a file that cannot be read; everything else is in the refusals.
    """
    given = _stated(project, stack)
    over = {project.full_key(key): value for key, value in overrides.items()}
    config = StackConfig()
    for key in [key for key, value in given.items() if is_encrypted(value)]:
        del given[key]
        config.secrets.add(key)
        if key not in over:
            config.skipped_secrets.append(project.short_key(key))
    places = _places(project, stack)
    values = given | over
    for key, declaration in project.declared.items():
        full = project.full_key(key)
        secret = _is_declaration(declaration) and bool(declaration.get("secret"))
        if secret:
            config.secrets.add(full)
        value = values.get(full, _default(declaration))
        where = Place(key=key) if full in over else places.get(full, Place(key=key))
        if value is ABSENT:
            is_encrypted_there = full in places
            found = _missing(where, declaration, stack, secret, is_encrypted_there)
            (config.untold if is_encrypted_there else config.refusals).append(found)
        elif secret and full not in over:
            command = f"pulumi config set --secret {key} --stack {stack}"
            expected = f"expected a secret: {command}"
            config.untold.append(Refusal(where, "stands in plain sight", expected))
            values[full] = ""
        else:
            values[full], refused = _typed(where, declaration, value, from_text=full in over)
            config.refusals += refused
    config.refusals += config.untold
    config.values = {key: _text(value) for key, value in sorted(values.items())}
    return config


def read_yaml(file: Path, *, required: bool = False) -> Yaml:
    """The file's mapping, empty without a file; RefusedError when it cannot be read."""
    try:
        found = yaml_file.read(file, "expected keys and values")
    except FileNotFoundError as error:
        if required:
            what, expected = f"{file} does not exist", "expected a Pulumi project"
            raise RefusedError.of(what, expected) from error
        return Yaml({}, shown(file))
    if found.value is None:
        return Yaml({}, found.file)
    if not isinstance(found.value, dict):
        raise RefusedError(
            Refusal(found.where(), "the file is not a mapping", "expected keys and values")
        )
    return found


def _mapping(text: Yaml, key: str) -> dict[str, Any]:
    """What lies under a key, empty for nothing; not told where it is wrong: it may be a secret."""
    found = text.value.get(key) or {}
    if not isinstance(found, dict):
        expected = "expected keys and values"
        raise RefusedError(Refusal(text.where(key), "is not a mapping", expected))
    return found


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


def _missing(where: Place, declaration: Any, stack: str, secret: bool, encrypted: bool) -> Refusal:
    if encrypted:
        what = "is encrypted in the stack's file, for a key that is not here"
        return Refusal(where, what, "expected another value for this run")
    kind = declaration.get("type") if _is_declaration(declaration) else "string"
    # A list or an object that is set as a whole is taken for a text.
    path = {"array": f"--path '{where.key}[0]'", "object": f"--path '{where.key}.<name>'"}
    words = ["pulumi config set", *(["--secret"] if secret else [])]
    command = " ".join([*words, path.get(str(kind), where.key), f"<value> --stack {stack}"])
    return Refusal(where, "is missing", f"expected a value: {command}")


def _typed(
    where: Place, declaration: Any, value: Any, *, from_text: bool
) -> tuple[Any, list[Refusal]]:
    """The value and what is wrong with it; an override gives lists and objects as JSON."""
    if not _is_declaration(declaration):
        return value, []
    kind = declaration.get("type") or _kind(declaration.get("default", ""))
    if from_text and kind in ("array", "object"):
        with contextlib.suppress(ValueError):  # what is no JSON stays text, and is refused below
            value = json.loads(str(value))
    scalar = kind == "string" and not isinstance(value, dict | list)  # the CLI keeps it as text
    if scalar or _fits(value, {**declaration, "type": kind}):
        return value, []
    # Not the value itself: not every secret can be declared one, and this may be one of them.
    expected = f"expected {_spoken({**declaration, 'type': kind})}"
    return value, [Refusal(where, f"is of type {_shape(value)}", expected)]


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
