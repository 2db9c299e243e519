"""YAML with the place of everything in it."""

from pathlib import Path

import pytest

from components.content import yaml_file
from components.limits.refusal import Place, RefusedError

TEXT = """\
about: a case
events:
  - at: 1s
    event: {SrcIpAddr: 192.0.2.1}
  - request:
      CsUriStem: /
when: 2026-01-05T08:00:00Z
"""


@pytest.mark.parametrize(
    ("steps", "line", "key"),
    [
        ((), 1, ""),
        (("about",), 1, "about"),
        (("events",), 2, "events"),
        (("events", 0), 3, "events[0]"),
        (("events", 0, "event"), 4, "events[0].event"),
        (("events", 0, "event", "SrcIpAddr"), 4, "events[0].event.SrcIpAddr"),
        (("events", 1, "request", "CsUriStem"), 6, "events[1].request.CsUriStem"),
        (("events", 1, "nothing", "below"), 5, "events[1].nothing.below"),
        (("events", 7), 2, "events[7]"),
        (("missing",), 1, "missing"),
    ],
)
def test_a_place_is_as_exact_as_the_file_goes(
    steps: tuple[str | int, ...], line: int, key: str
) -> None:
    assert yaml_file.parse(TEXT, "x.yaml").where(*steps) == Place("x.yaml", line, key)


def test_a_value_inside_knows_its_own_place() -> None:
    request = yaml_file.parse(TEXT, "x.yaml").at("events", 1, "request")
    assert request.value == {"CsUriStem": "/"}
    assert request.where("CsUriStem") == Place("x.yaml", 6, "events[1].request.CsUriStem")


def test_a_time_stays_a_text() -> None:
    assert yaml_file.parse(TEXT, "x.yaml").value["when"] == "2026-01-05T08:00:00Z"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "a stands twice; expected once (x.yaml:3)"),
        ("a: [{b: 1,\n  b: 2}]\n", "b stands twice; expected once (x.yaml:2)"),
        ("a: [", "the file is not YAML: did not find expected node content; expected x (x.yaml:1)"),
    ],
)
def test_what_a_loader_would_pass_over_or_stumble_on_is_refused_with_its_line(
    text: str, message: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        yaml_file.parse(text, "x.yaml", "expected x")
    assert str(refused.value) == message


@pytest.mark.parametrize("text", ["a: *hunter2", "a: !hunter2 b", 'a: "hunter2', "a: hunter2: b"])
def test_no_word_of_a_value_is_told(text: str) -> None:
    with pytest.raises(RefusedError) as refused:
        yaml_file.parse(text, "x.yaml")
    assert "hunter2" not in str(refused.value)


def test_a_merge_key_may_be_overridden_and_an_alias_may_go_round() -> None:
    assert yaml_file.parse("a: &a {x: 1}\nb: {<<: *a, x: 2}", "x").value["b"] == {"x": 2}
    circle = yaml_file.parse("&a\nb: *a\n", "x")
    assert circle.where("b", "b", "b").key == "b.b.b"


def test_every_unknown_key_is_named_and_what_is_not_a_mapping_is_refused() -> None:
    found = yaml_file.parse("evnts: 1\nabuot: 2\n", "x.yaml")
    assert [str(each) for each in found.unknown_keys(["events", "about"])] == [
        "evnts is not a known key; did you mean 'events'? (x.yaml:1)",
        "abuot is not a known key; did you mean 'about'? (x.yaml:2)",
    ]
    with pytest.raises(RefusedError, match=r"\[1\] is not a mapping; expected keys a, b \(x:1\)"):
        yaml_file.parse("[1]", "x").mapping(["a", "b"])


def test_a_file_that_is_not_there_or_not_utf_8_is_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        yaml_file.read(tmp_path / "nothing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(RefusedError, match="the file is not UTF-8"):
        yaml_file.read(tmp_path / "latin.yaml")
    with pytest.raises(RefusedError, match="the file cannot be read"):
        yaml_file.read(tmp_path)
