"""Why integers, enums and objects are declared plain: what Pulumi's component host makes of them.

A test that fails here after an update of Pulumi's SDK is good news: a limit is gone, and the table
in CONTRIBUTING.md can lose a row.
"""

import enum
from collections.abc import Callable
from typing import Any, ClassVar, NotRequired, TypedDict

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from tests.conftest import Engine

Made = Callable[..., dict[str, Any]]


class Colour(enum.Enum):
    """One word of a few."""

    RED = "red"


class Part(TypedDict):
    """An object within the inputs."""

    size: NotRequired[str]
    """Optional. How large."""


class ProbeArgs(TypedDict):
    """One input of each kind."""

    text: NotRequired[pulumi.Input[str]]
    flag: NotRequired[pulumi.Input[bool]]
    ratio: NotRequired[pulumi.Input[float]]
    texts: NotRequired[list[pulumi.Input[str]]]
    by_name: NotRequired[dict[str, pulumi.Input[str]]]
    count: NotRequired[pulumi.Input[int]]
    colour: NotRequired[pulumi.Input[Colour]]
    part: NotRequired[pulumi.Input[Part]]


class Probe(pulumi.ComponentResource):
    """Keeps what it is given."""

    _given: ClassVar[dict[str, Any]] = {}
    done: pulumi.Output[str]

    def __init__(
        self, name: str, args: ProbeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("probe:index:Probe", name, {}, opts)
        type(self)._given = dict(args)
        self.done = pulumi.Output.from_input("done")
        self.register_outputs({"done": self.done})


@pytest.fixture
def made(engine: Engine) -> Made:
    """What arrives in the component, Outputs resolved, of what a program gives."""

    def make(**inputs: Any) -> dict[str, Any]:
        arrived: dict[str, Any] = {}

        def program() -> pulumi.Output[Any]:
            given = {key: each() if callable(each) else each for key, each in inputs.items()}
            ComponentProvider([Probe], "probe").construct("made", "probe:index:Probe", given, None)
            return pulumi.Output.all(**Probe._given).apply(arrived.update)

        engine.deploy(program)
        return arrived

    return make


def secret(value: Any) -> Callable[[], pulumi.Output[Any]]:
    return lambda: pulumi.Output.secret(value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", "a"),
        ("flag", True),
        ("ratio", 0.5),
        ("texts", ["a", "b"]),
        ("byName", {"a": "b"}),
    ],
)
def test_texts_flags_numbers_lists_and_maps_arrive_either_way(
    made: Made, key: str, value: Any
) -> None:
    (plain,) = made(**{key: value}).values()
    (output,) = made(**{key: secret(value)}).values()
    assert plain == output == value


def test_an_integer_arrives_as_a_float(made: Made) -> None:
    count = made(count=3.0)["count"]
    assert count == 3
    assert isinstance(count, float)


def test_an_integer_that_is_an_output_crashes(made: Made) -> None:
    with pytest.raises(TypeError, match="int\\(\\) argument"):
        made(count=secret(3.0))


def test_an_enum_that_is_an_output_is_refused(made: Made) -> None:
    assert made(colour="red")["colour"] == Colour.RED
    with pytest.raises(Exception, match="(?i)colour"):
        made(colour=secret("red"))


def test_an_object_that_is_an_output_is_silently_emptied(made: Made) -> None:
    assert made(part={"size": "large"})["part"] == {"size": "large"}
    assert made(part=secret({"size": "large"}))["part"] == {}
