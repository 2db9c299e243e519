"""Made-up people, and people read from a file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.limits.refusal import RefusedError
from traffic.chance import chance
from traffic.people import Person, population, read


def test_the_same_seed_gives_the_same_people() -> None:
    assert population(3, 50) == population(3, 50)
    assert population(3, 50) != population(4, 50)


def test_a_larger_population_begins_with_the_smaller_one() -> None:
    assert population(3, 80)[:20] == population(3, 20)


def test_usernames_are_distinct_even_when_the_names_run_out() -> None:
    assert len({person.username for person in population(1, 1000)}) == 1000


def test_some_names_have_apostrophes_accents_and_hyphens() -> None:
    names = "".join(person.username for person in population(1, 60))
    assert "'" in names
    assert "-" in names
    assert not names.isascii()


def test_a_person_is_shown_without_the_password() -> None:
    assert "anchor" not in repr(Person("maeve", "anchor-basil-10"))
    assert "maeve" in repr(Person("maeve", "anchor-basil-10"))


@given(password=st.text(min_size=1), seed=st.integers())
def test_a_wrong_password_is_never_the_right_one(password: str, seed: int) -> None:
    person, dice = Person("maeve", password), chance(seed)
    assert person.mistyped(dice) not in ("", password)
    assert person.misremembered(dice) not in ("", password)


def test_people_are_read_from_a_json_object(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text('{"maeve.o\'brien": "right horse"}', encoding="utf-8")
    assert read(file) == [Person("maeve.o'brien", "right horse")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hunter22", "is not JSON"),
        ('["hunter22"]', "holds no people"),
        ("{}", "holds no people"),
        ('{"maeve": ["hunter22"]}', "'maeve' is not a non-empty string"),
        ('{"maeve": ""}', "'maeve' is not a non-empty string"),
        ('{"": "hunter22"}', "'' is not"),
        ("\x80", "is not JSON"),
    ],
)
def test_a_file_that_is_no_people_is_refused_without_showing_a_password(
    tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "people.json"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(RefusedError, match=message) as refusal:
        read(file)
    assert "hunter22" not in str(refusal.value)
    assert str(file) in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="No such file.*people.json"):
        read(tmp_path / "people.json")
