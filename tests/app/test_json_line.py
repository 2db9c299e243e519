"""Whatever the text: valid JSON, printable ASCII, within its budget."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from login_app.json_line import CUT_MARK, json_object, json_text

ANY_CHARACTER = st.characters(exclude_categories=())
ANY_TEXT = st.text(ANY_CHARACTER, max_size=400)


@given(ANY_TEXT, st.integers(8, 600))
def test_a_text_never_gets_past_its_budget_nor_out_of_printable_ascii(
    text: str, budget: int
) -> None:
    quoted = json_text(text, budget)
    assert len(quoted.encode()) <= budget
    assert re.fullmatch("[ -~]*", quoted), "a control character or a byte above ASCII got through"


@given(ANY_TEXT, st.integers(8, 600))
def test_a_text_reads_back_as_itself_or_as_its_beginning_with_the_mark(
    text: str, budget: int
) -> None:
    clean = re.sub("[\ud800-\udfff]", "\ufffd", text)
    read_back = json.loads(json_text(text, budget))
    if read_back != clean:
        assert read_back.endswith(CUT_MARK)
        assert clean.startswith(read_back[:-1])


@given(st.text("ab\\\N{GRINNING FACE}\x7f", min_size=60, max_size=90), st.integers(20, 60))
def test_a_cut_takes_no_more_than_it_must(text: str, budget: int) -> None:
    kept = json.loads(json_text(text, budget))[:-1]
    one_more = json.dumps(text[: len(kept) + 1] + CUT_MARK)
    assert len(one_more) > budget, "another character would have fitted"


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("O'Neill", '"O\'Neill"'),
        ("é", '"\\u00e9"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a\r\nb\x00", '"a\\r\\nb\\u0000"'),
        ("\x7f\x85\x9b", '"\\u007f\\u0085\\u009b"'),
        ("\u2028\u2029", '"\\u2028\\u2029"'),
        ("\u202eabc\u2066", '"\\u202eabc\\u2066"'),
        ("\ud83d", '"\\ufffd"'),
        ("\N{GRINNING FACE}", '"\\ud83d\\ude00"'),
    ],
)
def test_what_could_disturb_a_log_reader_is_escaped(text: str, quoted: str) -> None:
    assert json_text(text, 100) == quoted


def test_members_keep_their_order() -> None:
    assert json_object([("b", "1"), ("a", '"x"')]) == '{"b":1,"a":"x"}'
