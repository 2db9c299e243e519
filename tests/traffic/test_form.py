"""Forms of pages: what must come back, and which fields are a sign-in's."""

import pytest

from traffic import form
from traffic.form import Token

DJANGO = """
<form method="post" action="/accounts/logout/"><input type="hidden" name="csrfmiddlewaretoken"
 value="of-the-other"><button>Sign out</button></form>
<form method="get"><input name="q"></form>
<form method="post">
<input type="hidden" name="csrfmiddlewaretoken" value="a.b&#45;c">
<input type="text" name="username" autofocus maxlength="150" required>
<input type="password" name="password" required>
<input type="hidden" name="next" value="/account/">
</form>
"""
EMAIL = """
<FORM ACTION='/users/sign_in' METHOD=post><INPUT NAME=authenticity_token VALUE=t TYPE=HIDDEN>
<input type="checkbox" name="remember"><input type="email" name="user[email]">
<input type="Password" name="user[password]"></FORM>
"""


def test_a_sign_in_form_is_told_from_others() -> None:
    found = form.sign_in(DJANGO)
    assert found is not None
    assert (found.username, found.password) == ("username", "password")
    assert found.token == Token("csrfmiddlewaretoken", "a.b-c")
    assert found.hidden == (("next", "/account/"),)
    assert found.action == ""


def test_other_frameworks_name_things_otherwise() -> None:
    found = form.sign_in(EMAIL)
    assert found is not None
    assert (found.username, found.password) == ("user[email]", "user[password]")
    assert (found.action, found.token) == ("/users/sign_in", Token("authenticity_token", "t"))


@pytest.mark.parametrize(
    "html",
    [
        "",
        "{}",
        "<p>password</p>",
        '<input type="password" name="outside of any form">',
        '<form><input type="password" name="alone"></form>',
        '<form><input name="u"><input type="password" name="a"><input type="password" name="b">'
        "</form>",
        '<!-- <form><input name="u"><input type="password" name="p"></form> -->',
    ],
)
def test_what_is_no_sign_in_is_not_taken_for_one(html: str) -> None:
    assert form.sign_in(html) is None


@pytest.mark.parametrize(
    "html",
    [
        '<form><input type="hidden" name="csrf_token" value="a.b-c_d"></form>',
        "<FORM><INPUT value='a.b-c_d' NAME='csrf_token'/></FORM>",
        '<form><input\n id="x"\n name="csrf_token"\n value="a.b&#45;c_d"\n></form>',
        '<form><input name="csrf_token" value="a.b-c_d"><input name="csrf_token" value="other">',
        '<form><input name="username" value="csrf_token"><input name="csrf_token" value="a.b-c_d">',
    ],
)
def test_the_first_token_of_the_page_counts(html: str) -> None:
    assert form.token(html) == Token("csrf_token", "a.b-c_d")


@pytest.mark.parametrize(
    "html",
    ["", "{}", "<p>csrf_token</p>", '<form><!-- <input name="csrf_token" value="x"> --></form>'],
)
def test_a_page_without_a_token_has_none(html: str) -> None:
    assert form.token(html) is None
