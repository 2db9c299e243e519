"""The random provider: the same in every run, and within what was asked for."""

import base64
import string
import uuid
from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.pulumi.random import SPECIAL
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START


def made(azure: Azure, kind: str, name: str = "thing", **inputs: Any) -> Resource:
    return azure.resources.create(f"random:index/x:{kind}", name, inputs)


def test_a_password_depends_on_the_seed_the_name_and_the_keepers_only(tmp_path: Path) -> None:
    def password(seed: int, name: str, **inputs: Any) -> str:
        with Azure(Clock(START), state_dir=tmp_path, seed=seed, run_apps=False) as azure:
            made(azure, "RandomUuid", "drawn before, and of no influence")
            result = made(azure, "RandomPassword", name, length=24, **inputs).outputs["result"]
            return str(result)

    first = password(1, "secret")
    assert password(1, "secret") == first
    others = {
        password(2, "secret"),
        password(1, "other"),
        password(1, "secret", keepers={"k": "2"}),
    }
    assert len({first, *others}) == 4


def test_two_passwords_are_two_resources_although_both_ids_are_none(azure: Azure) -> None:
    one, two = (
        made(azure, "RandomPassword", "one", length=8),
        made(azure, "RandomPassword", "two", length=8),
    )
    assert (one.id, two.id) == ("none", "none")
    assert azure.resources.list() == [one, two]


def test_a_string_has_its_length_and_its_least_number_of_each_kind(azure: Azure) -> None:
    text = made(
        azure,
        "RandomString",
        length=12,
        minUpper=3,
        minNumeric=4,
        minSpecial=5,
        overrideSpecial="!",
    ).outputs["result"]
    assert len(text) == 12
    assert sum(letter in string.ascii_uppercase for letter in text) == 3
    assert sum(letter in string.digits for letter in text) == 4
    assert text.count("!") == 5


def test_kinds_that_are_switched_off_do_not_occur(azure: Azure) -> None:
    text = made(azure, "RandomString", length=400, special=False, upper=False).outputs["result"]
    assert set(text) == {*string.ascii_lowercase, *string.digits}


def test_every_letter_has_its_chance(azure: Azure) -> None:
    text = made(azure, "RandomString", length=4000).outputs["result"]
    assert set(text) == {*string.ascii_letters, *string.digits, *SPECIAL}


def test_the_forms_of_an_id_are_the_same_bytes(azure: Azure) -> None:
    outputs = made(azure, "RandomId", byteLength=5, prefix="app-").outputs
    number = bytes.fromhex(outputs["hex"].removeprefix("app-"))
    assert len(number) == 5
    assert outputs["dec"] == f"app-{int.from_bytes(number)}"
    assert base64.b64decode(outputs["b64Std"].removeprefix("app-")) == number


def test_uuids_have_their_version(azure: Azure) -> None:
    versions = [
        uuid.UUID(made(azure, kind).outputs["result"]).version
        for kind in ("RandomUuid", "RandomUuid4", "RandomUuid7")
    ]
    assert versions == [4, 4, 7]


def test_an_integer_stays_within_its_bounds(azure: Azure) -> None:
    drawn = {
        made(azure, "RandomInteger", f"n{number}", min=-1, max=1).outputs["result"]
        for number in range(60)
    }
    assert drawn == {-1, 0, 1}


def test_a_pet_has_its_number_of_words(azure: Azure) -> None:
    assert made(azure, "RandomPet").id.count("-") == 1
    assert (
        made(azure, "RandomPet", "other", length=4, prefix="my", separator="_").id.count("_") == 4
    )


def test_a_shuffle_keeps_its_items_and_repeats_them_when_more_are_wanted(azure: Azure) -> None:
    items = ["a", "b", "c"]
    assert sorted(made(azure, "RandomShuffle", inputs=items).outputs["results"]) == items
    more = made(azure, "RandomShuffle", "more", inputs=items, resultCount=5).outputs["results"]
    assert len(more) == 5
    assert sorted(more[:3]) == items


@pytest.mark.parametrize(
    ("kind", "inputs", "words"),
    [
        ("RandomString", {"length": 0}, "length 0 is not accepted; expected at least 1"),
        ("RandomPassword", {"length": 3, "minUpper": 2, "minNumeric": 2}, "expected at least 4"),
        (
            "RandomString",
            {"length": 3, "lower": False, "upper": False, "numeric": False, "special": False},
            "expected one of lower, upper, numeric, special to be true",
        ),
        ("RandomId", {"byteLength": 0}, "byteLength 0"),
        ("RandomInteger", {"min": 2, "max": 1}, "max 1 is not accepted; expected at least min, 2"),
        ("RandomString", {}, "length is missing; expected a whole number"),
        ("RandomString", {"length": 8, "lenght": 9}, "did you mean 'length'?"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    azure: Azure, kind: str, inputs: dict[str, Any], words: str
) -> None:
    with pytest.raises(ResourceError) as caught:
        made(azure, kind, **inputs)
    assert words in str(caught.value)
