"""Long texts keep their beginning and their form."""

from lab.report.shorten import LONGEST, shortened, text


def test_a_short_text_stays_as_it_is() -> None:
    whole = "one\ntwo https://portal.azure.com/#view/x\n"
    assert text(whole) == whole


def test_a_long_line_and_a_long_link_say_how_long_they_were() -> None:
    assert text("q" * 3000) == "q" * 160 + "… (3,000 characters)"
    assert text("The rows: https://" + "a" * 500).endswith("… (518 characters)")
    assert text("b" * LONGEST) == "b" * LONGEST


def test_many_lines_are_counted() -> None:
    found = text("\n".join(["c" * 100] * 50))
    assert found.splitlines()[-1] == "… (30 more lines)"
    assert len(found) < LONGEST + 100


def test_json_keeps_its_form() -> None:
    given = {"a": ["q" * 9000, 1, None, {"b": "short"}], "c": True}
    assert shortened(given) == {
        "a": ["q" * 160 + "… (9,000 characters)", 1, None, {"b": "short"}],
        "c": True,
    }
