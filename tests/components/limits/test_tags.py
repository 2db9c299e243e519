"""Tags: what Azure Resource Manager takes."""

import pytest

from components.limits import tags


@pytest.mark.parametrize(
    "sound",
    [{}, {"team": "soc"}, {"a" * 512: "x" * 256}, {"with space": ""}],
)
def test_what_azure_takes_has_no_problem(sound: dict[str, str]) -> None:
    assert tags.problems(sound) == []
    assert tags.problems({**sound, "a<b": "x"})


@pytest.mark.parametrize(
    ("given", "name", "words"),
    [
        ({"": "x"}, "", "is no name"),
        ({"a<b": "x"}, "a<b", "is no name"),
        ({"a" * 513: "x"}, "a" * 513, "has a name of 513 characters; expected at most 512"),
        ({"a": "x" * 257}, "a", "has a value of 257 characters; expected at most 256"),
        ({f"t{n}": "" for n in range(51)}, "", "has 51 entries; expected at most 50"),
    ],
)
def test_a_tag_that_would_be_refused_is_told(given: dict[str, str], name: str, words: str) -> None:
    ((told, problem),) = tags.problems(given)
    assert told == name
    assert words in problem


def test_fewer_are_left_where_some_are_added() -> None:
    given = {f"t{number}": "" for number in range(49)}
    assert tags.problems(given) == []
    assert tags.problems(given, most=48) == [("", "has 49 entries; expected at most 48")]
