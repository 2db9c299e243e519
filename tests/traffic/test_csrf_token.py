"""Finding the form's token in a page."""

import pytest

from traffic import csrf_token


@pytest.mark.parametrize(
    "html",
    [
        '<input type="hidden" name="csrf_token" value="a.b-c_d">',
        "<INPUT value='a.b-c_d' NAME='csrf_token'/>",
        '<input\n id="x"\n name="csrf_token"\n value="a.b&#45;c_d"\n>',
        '<input name="csrf_token" value="a.b-c_d"><input name="csrf_token" value="other">',
        '<input name="username" value="csrf_token"><input name="csrf_token" value="a.b-c_d">',
    ],
)
def test_the_first_token_of_a_page_is_found(html: str) -> None:
    assert csrf_token.in_page(html) == "a.b-c_d"


@pytest.mark.parametrize(
    "html", ["", "{}", "<p>csrf_token</p>", '<!-- <input name="csrf_token" value="x"> -->']
)
def test_a_page_without_the_form_has_no_token(html: str) -> None:
    assert csrf_token.in_page(html) is None
