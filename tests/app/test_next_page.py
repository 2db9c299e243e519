"""After signing in nobody is led off this site."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from login_app.next_page import AFTER_SIGN_IN, next_page

SITE = "https://login.example.com/login"


@pytest.mark.parametrize("own", ["/", "/account", "/account?tab=1&x=%2F#top", "/a//b"])
def test_a_page_of_ours_is_taken(own: str) -> None:
    assert next_page(own) == own


@pytest.mark.parametrize(
    "foreign",
    [
        None,
        "",
        "account",
        "//evil.example.com",
        "///evil.example.com",
        "/\\evil.example.com",
        "\\\\evil.example.com",
        "/\t/evil.example.com",
        "\n//evil.example.com",
        "/ /evil.example.com",
        "https://evil.example.com",
        "https:evil.example.com",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "/account\n",
        "/\u2028",
        "/" + "a" * 5000,
    ],
)
def test_anything_else_leads_to_the_account(foreign: str | None) -> None:
    assert next_page(foreign) == AFTER_SIGN_IN


@given(st.text() | st.text("/\\:. \t\nevil@?#", max_size=12).map(lambda text: f"/{text}"))
def test_no_text_leads_to_another_host(wanted: str) -> None:
    # A browser drops tabs and newlines and takes a backslash for a slash.
    page = next_page(wanted).translate({9: None, 10: None, 13: None, 92: "/"})
    assert urlsplit(urljoin(SITE, page))[:2] == ("https", "login.example.com")
