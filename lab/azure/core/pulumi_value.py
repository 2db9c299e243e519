"""Values between the program and its engine: secrets, references and assets have wrappings."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from google.protobuf import json_format, struct_pb2

# Constants of Pulumi's protocol (pulumi/pulumi, sdk/go/common/resource/properties.go).
SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a mark, no secret
RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

Place = tuple[str | int, ...]
"""Where a value stands: names of properties, numbers of items."""


def unwrapped(message: struct_pb2.Struct) -> tuple[dict[str, Any], frozenset[str]]:
    """Plain values, and the names of those that are secret or hold a secret."""
    return plain(json_format.MessageToDict(message))


def plain(wire: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """The same for a message that is JSON already."""
    values: dict[str, Any] = {}
    secrets = set()
    for name, value in sorted(wire.items()):
        values[name], secret = _plain(value)
        if secret:
            secrets.add(name)
    return values, frozenset(secrets)


def wrapped(values: Mapping[str, Any], secrets: Collection[str]) -> struct_pb2.Struct:
    """Back to the program: what is named in `secrets` stays secret there."""
    message = struct_pb2.Struct()
    message.update(
        {
            name: {SIGNATURE: SECRET, "value": value} if name in secrets else value
            for name, value in values.items()
            if value is not None
        }
    )
    return message


def secret_places(wire: Mapping[str, Any]) -> frozenset[Place]:
    """Where the secrets of a message are, to `marked` them again afterwards."""
    return frozenset(_secrets(wire, ()))


def marked(value: Any, secrets: Collection[Place]) -> Any:
    """Plain values as JSON for the wire; a place that is not there any more hides nothing."""
    return _marked(value, (), secrets)


def holds_unknown(value: Any) -> bool:
    """Whether a value waits for a resource that was refused."""
    if isinstance(value, dict):
        return any(map(holds_unknown, value.values()))
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return bool(value == UNKNOWN)


def _plain(value: Any) -> tuple[Any, bool]:
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        return [item for item, _ in items], any(secret for _, secret in items)
    if isinstance(value, float) and value.is_integer():
        return int(value), False  # every number on the wire is a float
    if not isinstance(value, dict):
        return value, False
    signature = value.get(SIGNATURE)
    if signature == SECRET:
        return _plain(value.get("value"))[0], True
    if signature == OUTPUT:
        inner, secret = _plain(value.get("value"))
        return inner, secret or bool(value.get("secret"))
    if signature == RESOURCE:
        return value.get("id") or value.get("urn"), False
    # A protobuf map has no order of its own; a sorted one is the same in every run.
    pairs = {key: _plain(item) for key, item in sorted(value.items()) if key != SIGNATURE}
    secret = any(secret for _, secret in pairs.values())
    return {key: item for key, (item, _) in pairs.items()}, secret


def _secrets(value: Any, place: Place) -> Iterable[Place]:
    if isinstance(value, Mapping):
        signature = value.get(SIGNATURE)
        if signature == SECRET or (signature == OUTPUT and value.get("secret")):
            yield place
        elif signature == OUTPUT:
            yield from _secrets(value.get("value"), place)
        else:
            for key, item in value.items():
                yield from _secrets(item, (*place, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _secrets(item, (*place, number))


def _marked(value: Any, place: Place, secrets: Collection[Place]) -> Any:
    if isinstance(value, Mapping):
        inner: Any = {key: _marked(item, (*place, key), secrets) for key, item in value.items()}
    elif isinstance(value, list | tuple):
        inner = [_marked(item, (*place, number), secrets) for number, item in enumerate(value)]
    else:
        inner = value
    return {SIGNATURE: SECRET, "value": inner} if place in secrets else inner
