"""An input class of a Pulumi SDK, read once."""

import functools
import inspect
import re
import types
import typing
from collections import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi import Output, _types

_CONSTANT: Final = re.compile(r"Expected value is '([^']+)'")


@dataclass(frozen=True)
class InputType:
    """Properties by their wire names; `constants` are the discriminators, such as `odataType`."""

    name: str
    properties: Mapping[str, Any]
    required: frozenset[str]
    python_names: Mapping[str, str]
    constants: Mapping[str, str]


@functools.cache
def input_type(cls: type) -> InputType:
    """Reads `cls`, a class marked with `@pulumi.input_type`."""
    wire = _types.input_type_py_to_pulumi_names(cls)
    parameters = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    return InputType(
        name=f"{cls.__module__.removeprefix('pulumi_azure_native.').split('.')[0]}:{cls.__name__}",
        properties=_types.input_type_types(cls),
        required=frozenset(
            wire[name]
            for name, parameter in parameters.items()
            if name in wire and parameter.default is inspect.Parameter.empty
        ),
        python_names={name: word for name, word in wire.items() if name != word},
        constants=_constants(cls, wire),
    )


def members(kind: Any) -> tuple[Any, ...]:
    """What a wire value may be: a union without `None` and without Pulumi's own wrappings."""
    if isinstance(kind, typing.ForwardRef) or kind is type(None):
        return ()
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return tuple(item for arg in typing.get_args(kind) for item in members(arg))
    if kind is Output or origin in (Output, abc.Awaitable) or typing.is_typeddict(kind):
        return ()
    return (kind,)


def _constants(cls: type, wire: Mapping[str, str]) -> dict[str, str]:
    """The generated getters name a property's only value in words, and nowhere else."""
    found = {}
    for python_name, name in wire.items():
        text = inspect.getdoc(inspect.getattr_static(cls, python_name)) or ""
        match = _CONSTANT.search(text)
        if match:
            found[name] = match[1]
    return found
