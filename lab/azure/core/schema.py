"""Checks inputs, as they arrive over the wire, against the SDK's own input types."""

import enum
import importlib
import re
import sys
import typing
from collections import abc
from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any, Final

from pulumi import _types

from components.limits.refusal import ABSENT, Refusal, nearest
from lab.azure.core.input_type import InputType, input_type, members
from lab.azure.core.pulumi_value import UNKNOWN
from lab.azure.core.resource_error import plain_token, refused

_NUMBER: Final = re.compile(r"\[\d+\]")

Allowed = Mapping[str, tuple[str, ...]]
"""Values by place, where Azure and the SDK's enum differ; Azure is right."""


def check(
    token: str, inputs: Mapping[str, Any], allowed: Allowed = MappingProxyType({})
) -> list[Refusal]:
    """Unknown, missing and wrongly typed properties, and values outside their enum.

    A package that is not installed has no types to check against, so nothing is said about it.
    """
    package, module_name, name = plain_token(token).split(":")
    module = _sdk_module(package, module_name)
    if module is None:
        return []
    if not hasattr(module, name):
        classes = [word for word in vars(module) if f"{word}Args" in vars(module)]
        return [refused("", ABSENT, nearest(name, classes), f"is no type of {module.__name__}")]
    wanted = expected(token)
    return [] if wanted is None else _object("", inputs, wanted, allowed)


def properties(token: str) -> frozenset[str]:
    """The wire names of a type's inputs; empty for a type that no installed SDK has."""
    wanted = expected(token)
    return frozenset() if wanted is None else frozenset(wanted.properties)


def expected(token: str) -> InputType | None:
    """The inputs of a type; None when no installed SDK has it."""
    resource = sdk_class(token)
    arguments = None if resource is None else _arguments(resource)
    return None if arguments is None else input_type(arguments)


def sdk_class(token: str) -> type | None:
    """The class of a type; None when no installed SDK has it."""
    package, module_name, name = plain_token(token).split(":")
    found = getattr(_sdk_module(package, module_name), name, None)
    return found if isinstance(found, type) else None


def _sdk_module(package: str, module: str) -> ModuleType | None:
    root = f"pulumi_{package.replace('-', '_')}"
    try:
        return importlib.import_module(root if module == "index" else f"{root}.{module}")
    except ModuleNotFoundError:
        return None


def _arguments(resource: type) -> type | None:
    """`WebAppArgs`, or `ActionGroupInitArgs` where an input type has taken the plain name."""
    module = sys.modules[resource.__module__]
    for name in (f"{resource.__name__}InitArgs", f"{resource.__name__}Args"):
        found = vars(module).get(name)
        if found is not None and found.__module__ == module.__name__:
            return typing.cast(type, found)
    return None


def _object(
    path: str, value: Mapping[str, Any], expected: InputType, allowed: Allowed
) -> list[Refusal]:
    given = {key: item for key, item in value.items() if item is not None}
    problems = [
        _unknown(_join(path, key), given[key], key, expected)
        for key in given
        if key not in expected.properties
    ]
    for name, kind in expected.properties.items():
        where = _join(path, name)
        if name in given:
            problems += _value(where, given[name], kind, allowed)
            problems += _constant(where, given[name], expected.constants.get(name))
        elif name in expected.required:
            problems.append(refused(where, ABSENT, _description(kind), "is missing"))
    return problems


def _unknown(path: str, value: Any, key: str, expected: InputType) -> Refusal:
    camel = expected.python_names.get(key)
    if camel is not None:
        return refused(
            path, value, f"Azure's name is {camel}", "is a Python name inside plain data"
        )
    return refused(path, value, nearest(key, expected.properties), "is no property here")


def _constant(path: str, value: Any, constant: str | None) -> list[Refusal]:
    if constant is None or value in (constant, UNKNOWN):
        return []
    return [refused(path, value, f"expected {constant!r}")]


def _value(path: str, value: Any, kind: Any, allowed: Allowed) -> list[Refusal]:
    only = allowed.get(_NUMBER.sub("", path), ())
    if value == UNKNOWN or (only and value in only):
        return []
    if only:
        return [refused(path, value, nearest(str(value), only))]
    options = members(kind)
    if any(_fits(value, option) for option in options):
        objects = [option for option in options if _types.is_input_type(option)]
        if objects and isinstance(value, Mapping):
            return _variant(path, value, objects, allowed)
        return _inside(path, value, options, allowed)
    return [refused(path, value, _description(kind))]


def _fits(value: Any, kind: Any) -> bool:
    """Whether the outermost shape is right; what is inside is looked at afterwards."""
    origin = typing.get_origin(kind) or kind
    if not isinstance(origin, type):
        return True
    if origin is bool:
        return isinstance(value, bool)
    if origin in (int, float):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and (origin is float or float(value).is_integer())
    if issubclass(origin, enum.Enum):
        return any(value == item.value for item in origin)
    if origin is str:
        return isinstance(value, str)
    if origin in (list, abc.Sequence):
        return isinstance(value, list | tuple)
    if origin in (dict, abc.Mapping) or _types.is_input_type(origin):
        return isinstance(value, Mapping)
    return True  # Any, assets and archives


def _inside(path: str, value: Any, options: tuple[Any, ...], allowed: Allowed) -> list[Refusal]:
    for option in options:
        inner = typing.get_args(option)
        if isinstance(value, list | tuple) and len(inner) == 1:
            return [
                problem
                for index, item in enumerate(value)
                for problem in _value(f"{path}[{index}]", item, inner[0], allowed)
            ]
        if isinstance(value, Mapping) and len(inner) == 2:
            return [
                problem
                for key, item in value.items()
                if item is not None
                for problem in _value(_join(path, key), item, inner[1], allowed)
            ]
    return _enum(path, value, options)


def _enum(path: str, value: Any, options: tuple[Any, ...]) -> list[Refusal]:
    """The SDK's enums are open (`str | Enum`); a value that they do not list is a typing error."""
    listed = [
        item.value
        for option in options
        if isinstance(option, type) and issubclass(option, enum.Enum)
        for item in option
    ]
    if not listed or value in listed:
        return []
    return [refused(path, value, nearest(str(value), [str(word) for word in listed]))]


def _variant(
    path: str, value: Mapping[str, Any], options: list[type], allowed: Allowed
) -> list[Refusal]:
    """One of several classes: the one whose constant (`odataType`, `criterionType`) is given."""
    types = [input_type(option) for option in options]
    if len(types) == 1:
        return _object(path, value, types[0], allowed)
    for key in sorted({name for kind in types for name in kind.constants}):
        chosen = value.get(key)
        if chosen == UNKNOWN:
            return []
        for kind in types:
            if kind.constants.get(key) == chosen:
                return _object(path, value, kind, allowed)
        known = sorted(kind.constants[key] for kind in types if key in kind.constants)
        where = _join(path, key)
        if chosen is None:
            return [refused(where, ABSENT, f"expected one of {', '.join(known)}", "is missing")]
        return [refused(where, chosen, nearest(str(chosen), known))]
    return min((_object(path, value, kind, allowed) for kind in types), key=len)


def _description(kind: Any) -> str:
    words = []
    for option in members(kind):
        origin = typing.get_origin(option) or option
        if isinstance(origin, type) and issubclass(origin, enum.Enum):
            words.append("one of " + ", ".join(str(item.value) for item in origin))
        elif origin in (list, abc.Sequence):
            words.append("a list")
        elif origin in (dict, abc.Mapping) or _types.is_input_type(origin):
            words.append("an object")
        else:
            words.append(_SPOKEN.get(origin, str(origin)))
    if len(words) > 1 and words[0] == "a string" and words[1].startswith("one of"):
        words = words[1:]
    return f"expected {' or '.join(words)}"


_SPOKEN: dict[Any, str] = {
    bool: "true or false",
    float: "a number",
    int: "a whole number",
    str: "a string",
}


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
