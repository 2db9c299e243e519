"""Values with and without their wrappings."""

from typing import Any

from google.protobuf import struct_pb2

from lab.azure.core.pulumi_value import (
    OUTPUT,
    RESOURCE,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    holds_unknown,
    unwrapped,
    wrapped,
)


def on_the_wire(values: dict[str, Any]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(values)
    return message


def a_secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def test_a_secret_is_unwrapped_and_its_property_named() -> None:
    message = on_the_wire({"plain": "a", "deep": {"list": [{"key": a_secret("b")}]}})
    assert unwrapped(message) == (
        {"plain": "a", "deep": {"list": [{"key": "b"}]}},
        frozenset({"deep"}),
    )


def test_references_and_outputs_become_what_they_stand_for() -> None:
    values, secrets = unwrapped(
        on_the_wire(
            {
                "reference": {SIGNATURE: RESOURCE, "urn": "urn:x", "id": "/x"},
                "component": {SIGNATURE: RESOURCE, "urn": "urn:y"},
                "output": {SIGNATURE: OUTPUT, "value": 5, "secret": True},
            }
        )
    )
    assert values == {"reference": "/x", "component": "urn:y", "output": 5}
    assert secrets == {"output"}


def test_whole_numbers_are_whole_again() -> None:
    values, _ = unwrapped(on_the_wire({"whole": 5, "part": 5.5, "many": [1, 2]}))
    assert [repr(value) for value in values.values()] == ["[1, 2]", "5.5", "5"]


def test_the_order_of_keys_is_the_same_in_every_run() -> None:
    values, _ = unwrapped(on_the_wire({"b": 1, "c": {"z": 1, "y": 2}, "a": 3}))
    assert (list(values), list(values["c"])) == (["a", "b", "c"], ["y", "z"])


def test_what_was_secret_is_wrapped_again() -> None:
    message = wrapped({"key": {"a": "b"}, "plain": 1, "none": None}, {"key"})
    assert unwrapped(message) == ({"key": {"a": "b"}, "plain": 1}, frozenset({"key"}))


def test_an_unknown_is_found_however_deep() -> None:
    assert holds_unknown({"a": [{"b": UNKNOWN}]})
    assert not holds_unknown({"a": [{"b": "known"}]})
