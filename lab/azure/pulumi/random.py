"""Pulumi's random provider: the same seed gives the same passwords, names and ids."""

import base64
import hashlib
import json
import string
import uuid
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any, Final, TypeVar

from components.limits.refusal import Refusal
from lab.azure.core.billing import Free
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.subscription import Subscription

T = TypeVar("T")

# What the provider's documentation calls special, unless `overrideSpecial` says otherwise.
SPECIAL: Final = "!@#$%&*()-_=+[]{}<>:?"
ADVERBS: Final = ("barely", "deeply", "duly", "fairly", "gladly", "kindly", "mildly", "newly")
ADJECTIVES: Final = ("apt", "bold", "calm", "dear", "fair", "glad", "keen", "warm")
ANIMALS: Final = ("badger", "crane", "ferret", "gecko", "heron", "marten", "otter", "wren")


class Draw:
    """An endless stream of chances that follows from its seed alone, on any Python."""

    def __init__(self, *seed: str) -> None:
        self._seed = "\n".join(seed)
        self._count = count()

    def bytes(self, length: int) -> bytes:
        text = f"{self._seed}\n{next(self._count)}".encode()
        return hashlib.shake_256(text).digest(length)

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1; 16 bytes keep the modulo's bias unmeasurable."""
        return int.from_bytes(self.bytes(16)) % limit

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        left = list(items)
        return [left.pop(self.below(len(left))) for _ in items]


class RandomType(ResourceType):
    """One type of the provider, named like its class: `values` makes the outputs."""

    billing = Free("is nothing in a cloud")

    def __init_subclass__(cls) -> None:
        cls.pulumi_type = f"random:index:{cls.__name__}"

    def create(self, resource: Resource) -> None:
        keepers = json.dumps(resource.inputs.get("keepers") or {}, sort_keys=True)
        who = resource.urn or f"{resource.token} {resource.logical_name}"
        given = (who, keepers, str(resource.inputs.get("seed", "")))
        drawn = self.azure.service(_Drawn)
        drawn[given] += 1
        again = [str(drawn[given])] if drawn[given] > 1 else []  # nothing is drawn twice
        draw = Draw(str(self.azure.seed), *given, *again)
        made = self.values(resource.inputs, draw)
        resource.id = resource.name = str(made.pop("id"))
        resource.outputs |= made

    def delete(self, resource: Resource) -> None:
        """There is nothing to end."""

    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        """The outputs, and `id`."""
        raise NotImplementedError


class _Drawn(Counter[tuple[str, str, str]]):
    """How often a value was drawn."""

    def __init__(self, _azure: Subscription) -> None:
        super().__init__()


class RandomString(RandomType):
    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        length = _whole(inputs, "length")
        least = sum(_whole(inputs, key) for key, _ in _classes(inputs))
        if length < 1:
            return [refused("length", length, "expected at least 1")]
        if length < least:
            return [refused("length", length, f"expected at least {least}, the sum of min…")]
        if not any(letters for _, letters in _classes(inputs)):
            expectation = "expected one of lower, upper, numeric, special to be true"
            return [refused("lower", False, expectation)]
        return []

    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        result = self.text(inputs, draw)
        return {"id": result, "result": result}

    @staticmethod
    def text(inputs: dict[str, Any], draw: Draw) -> str:
        classes = _classes(inputs)
        drawn = [draw.pick(letters) for key, letters in classes for _ in range(_whole(inputs, key))]
        every = "".join(letters for _, letters in classes)
        drawn += [draw.pick(every) for _ in range(_whole(inputs, "length") - len(drawn))]
        return "".join(draw.shuffled(drawn))


class RandomPassword(RandomString):
    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        result = self.text(inputs, draw)
        # A form that looks right; nobody may check a password against it.
        digest = base64.b64encode(draw.bytes(40)).decode().replace("+", ".")[:53]
        return {"id": "none", "result": result, "bcryptHash": f"$2a$10${digest}"}


class RandomId(RandomType):
    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        length = _whole(inputs, "byteLength")
        return [] if length >= 1 else [refused("byteLength", length, "expected at least 1")]

    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        made = draw.bytes(_whole(inputs, "byteLength"))
        prefix = str(inputs.get("prefix") or "")
        url = base64.urlsafe_b64encode(made).decode().rstrip("=")
        return {
            "id": url,
            "b64Std": prefix + base64.b64encode(made).decode(),
            "b64Url": prefix + url,
            "dec": prefix + str(int.from_bytes(made)),
            "hex": prefix + made.hex(),
        }


class RandomBytes(RandomType):
    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        length = _whole(inputs, "length")
        return [] if length >= 1 else [refused("length", length, "expected at least 1")]

    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        made = draw.bytes(_whole(inputs, "length"))
        return {"id": "none", "base64": base64.b64encode(made).decode(), "hex": made.hex()}


class RandomInteger(RandomType):
    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        low, high = _whole(inputs, "min"), _whole(inputs, "max")
        return [] if low <= high else [refused("max", high, f"expected at least min, {low}")]

    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        low, high = _whole(inputs, "min"), _whole(inputs, "max")
        result = low + draw.below(high - low + 1)
        return {"id": str(result), "result": result}


class RandomPet(RandomType):
    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        length = _whole(inputs, "length", 2)
        words = [draw.pick(ADVERBS) for _ in range(length - 2)]
        words += [draw.pick(ADJECTIVES)] if length > 1 else []
        words += [draw.pick(ANIMALS)]
        prefix = inputs.get("prefix")
        separator = str(inputs.get("separator", "-"))
        return {"id": separator.join([str(prefix), *words] if prefix else words)}


class RandomShuffle(RandomType):
    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        items = list(inputs["inputs"])
        wanted = _whole(inputs, "resultCount", len(items))
        results: list[Any] = []
        while items and len(results) < wanted:  # more than there are: start over
            results += draw.shuffled(items)
        return {"id": "-", "results": results[:wanted]}


class RandomUuid(RandomType):
    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        result = str(uuid.UUID(bytes=draw.bytes(16), version=4))
        return {"id": result, "result": result}


class RandomUuid4(RandomUuid):
    """Another name of RandomUuid."""


class RandomUuid7(RandomUuid):
    def values(self, inputs: dict[str, Any], draw: Draw) -> dict[str, Any]:
        milliseconds = int(self.azure.clock.now.timestamp() * 1000)
        made = bytearray(milliseconds.to_bytes(6) + draw.bytes(10))
        made[6] = made[6] & 0x0F | 0x70  # version 7, RFC 9562
        made[8] = made[8] & 0x3F | 0x80
        result = str(uuid.UUID(bytes=bytes(made)))
        return {"id": result, "result": result}


def _whole(inputs: dict[str, Any], key: str, default: int = 0) -> int:
    return int(inputs[key]) if inputs.get(key) is not None else default


def _classes(inputs: dict[str, Any]) -> list[tuple[str, str]]:
    """(minimum's property, letters) of each kind of character; no letters where it is off."""
    numeric = inputs.get("numeric", inputs.get("number", True))  # `number` is the older name
    kinds = (
        ("minLower", inputs.get("lower", True), string.ascii_lowercase),
        ("minUpper", inputs.get("upper", True), string.ascii_uppercase),
        ("minNumeric", numeric, string.digits),
        ("minSpecial", inputs.get("special", True), inputs.get("overrideSpecial") or SPECIAL),
    )
    return [(key, str(letters)) for key, wanted, letters in kinds if wanted]


TYPES: Final[list[type[ResourceType]]] = [
    RandomBytes,
    RandomId,
    RandomInteger,
    RandomPassword,
    RandomPet,
    RandomShuffle,
    RandomString,
    RandomUuid,
    RandomUuid4,
    RandomUuid7,
]
