"""Whatever is posted to /login, in whatever form: no 5xx, one event, no secret in it."""

import json
from collections.abc import Callable
from itertools import count

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from login_app.json_line import MAX_LINE_BYTES
from login_app.settings import Captcha

from tests.support.app_client import Browser

BuildApp = Callable[..., Flask]
SECRET = "Unique-Secret-9431"
NUMBERS = count()
ANY_BYTES = st.binary(max_size=300) | st.builds(
    lambda piece, times: piece * times, st.binary(min_size=1, max_size=4), st.integers(1, 600)
)
FIELDS = st.sampled_from([b"username", b"password", b"csrf_token", b"next", b"altcha", b"x"])
BODIES = ANY_BYTES | st.lists(st.tuples(FIELDS, ANY_BYTES), max_size=6).map(
    lambda pairs: b"&".join(name + b"=" + value for name, value in pairs)
)
TYPES = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "application/json",
        "text/plain",
        "",
    ]
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["User-Agent", "X-Forwarded-For", "Origin", "Sec-Fetch-Site", "Cookie", "Referer", "Host"]
    ),
    st.text(
        st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80
    ),
    max_size=4,
)


@pytest.fixture
def unlimited(build_app: BuildApp) -> Flask:
    return build_app(rate_limit="1000000 per minute", captcha=Captcha.OFF)


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES, kind=TYPES, headers=HEADERS, with_token=st.booleans())
def test_a_post_of_anything_is_answered_and_leaves_one_event(
    unlimited: Flask,
    lines: list[str],
    body: bytes,
    kind: str,
    headers: dict[str, str],
    with_token: bool,
) -> None:
    # Each from an address of its own: the log's budget is one for each.
    address = f"2001:db8:{next(NUMBERS):x}::1"
    browser = Browser(unlimited, lines, address=f"[{address}]")
    browser.client.environ_base["REMOTE_ADDR"] = address
    if with_token:
        token = browser.token()
        body = f"csrf_token={token}&password={SECRET}&".encode() + body
    lines.clear()
    try:
        answer = browser.client.post(
            "/login", data=body, content_type=kind, headers=browser.headers | headers
        )
    except UnicodeError:
        return  # werkzeug's client cannot send it
    assert answer.status_code < 500, answer.text
    # A Host that is none, or is another's, leads to no page.
    assert len(lines) == 1 or (answer.status_code == 400 and "Host" in headers)
    for line in lines:
        assert len(line) < MAX_LINE_BYTES
        assert json.loads(line)["EventType"] == "Logon"
        assert SECRET not in line
