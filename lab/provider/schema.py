"""The schemas of the providers, for languages without an SDK of their own: Pulumi YAML.

The SDKs that are installed carry none, only the classes that were made from one. From these it is
told what the resource types look like that the lab models; it knows of no others.
"""

import enum
import importlib.metadata
import inspect
import json
import re
import typing
from collections import abc
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi import _types

from lab.azure.core import schema
from lab.azure.core.input_type import input_type, members

Json = dict[str, Any]

ANY: Final = {"$ref": "pulumi.json#/Any"}
_SECRETS: Final = re.compile(r"additional_secret_outputs=\[([^\]]+)\]")
_PLAIN: Final[dict[Any, str]] = {bool: "boolean", float: "number", int: "integer", str: "string"}
_CONFIG: Final[Json] = {
    name: {"type": "string"} for name in ("location", "metadataHost", "subscriptionId")
}
"""What the lab knows of a provider's own settings, or may be told without harm."""


def provider_schema(package: str, tokens: Iterable[str]) -> Json:
    """Of `package` with the resource types `tokens`, as Pulumi's package schema has it."""
    types: Json = {}
    found = {
        _schema_token(token): _resource(token, types)
        for token in sorted(tokens)
        if token.startswith(f"{package}:") and schema.sdk_class(token) is not None
    }
    config = _CONFIG if package == "azure-native" else {}
    return {
        "name": package,
        "version": importlib.metadata.version(f"pulumi-{package}"),
        "description": "The resource types that the lab models.",
        "meta": {"moduleFormat": "(.*)(?:/[^/]*)"} if package == "random" else {},
        "config": {"variables": config},
        "provider": {"inputProperties": config},
        "types": types,
        "resources": found,
    }


def _schema_token(token: str) -> str:
    """`random:index:RandomId` is `random:index/randomId:RandomId` there, as in every program."""
    package, module, name = token.split(":")
    if module != "index":
        return token
    return f"{package}:{module}/{name[0].lower()}{name[1:]}:{name}"


def _resource(token: str, types: Json) -> Json:
    cls = typing.cast(type, schema.sdk_class(token))
    arguments = schema.expected(token)
    outputs = _properties(_types.resource_types(cls), types)
    for name in _secret_outputs(cls):
        outputs[name]["secret"] = True
    return {
        "properties": outputs,
        "required": sorted(outputs),
        "inputProperties": _properties(arguments.properties, types) if arguments else {},
        "requiredInputs": sorted(arguments.required) if arguments else [],
    }


def _secret_outputs(cls: type) -> list[str]:
    """Of a random password, say: the SDK names them to the engine, and nowhere else."""
    found = _SECRETS.search(inspect.getsource(cls))
    return json.loads(f"[{found[1]}]") if found else []


def _properties(kinds: Mapping[str, Any], types: Json) -> Json:
    return {name: _spec(kind, types) for name, kind in kinds.items()}


def _spec(kind: Any, types: Json) -> Json:
    """A property's type; what is one of several kinds of objects is not looked into."""
    options = [each for each in members(kind) if not _is_enum(each)] or list(members(kind))
    if len(options) != 1:
        return ANY
    (option,) = options
    origin, inner = typing.get_origin(option) or option, typing.get_args(option)
    if origin in _PLAIN:
        return {"type": _PLAIN[origin]}
    if _is_enum(option):
        return {"type": "string"}
    if origin in (list, abc.Sequence) and inner:
        return {"type": "array", "items": _spec(inner[0], types)}
    if origin in (dict, abc.Mapping) and inner:
        return {"type": "object", "additionalProperties": _spec(inner[1], types)}
    if isinstance(origin, type) and (_types.is_input_type(origin) or _types.is_output_type(origin)):
        return {"$ref": f"#/types/{_object(origin, types)}"}
    return ANY


def _object(cls: type, types: Json) -> str:
    """Its token; the type is described once, and before its own properties: it may hold itself."""
    module = cls.__module__.split(".")[1]
    package = cls.__module__.split(".")[0].removeprefix("pulumi_").replace("_", "-")
    token = f"{package}:{module}:{cls.__name__}"
    if token not in types:
        described: Json = {"type": "object"}
        types[token] = described
        if _types.is_input_type(cls):
            found = input_type(cls)
            described["properties"] = _properties(found.properties, types)
            described["required"] = sorted(found.required)
        else:
            described["properties"] = _properties(_types.output_type_types(cls), types)
    return token


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)
