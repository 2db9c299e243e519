"""One event, one line of JSON, at most 4096 bytes, whatever somebody sent."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from login_app.json_line import MAX_LINE_BYTES
from login_app.login_events import (
    EventResult,
    EventResultDetails,
    EventType,
    LoginEvent,
    event_line,
)

MONDAY = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
FIELDS = [
    "ts",
    "EventSchema",
    "EventSchemaVersion",
    "EventVendor",
    "EventProduct",
    "EventType",
    "EventSubType",
    "EventResult",
    "EventResultDetails",
    "EventOriginalResultDetails",
    "EventCount",
    "TargetUsername",
    "TargetSessionId",
    "ActorUsername",
    "SrcIpAddr",
    "SrcPortNumber",
    "HttpUserAgent",
    "LogonMethod",
    "SameWrongPassword",
    "PasswordKnownLeaked",
    "FamiliarPlace",
    "TargetAppName",
    "EventOriginalUid",
]
NUMBERS = {"SrcPortNumber", "EventCount"}
FLAGS = {"SameWrongPassword", "PasswordKnownLeaked", "FamiliarPlace"}
TEXT_FIELDS = [
    "event_type",
    "event_sub_type",
    "event_result",
    "event_result_details",
    "event_original_result_details",
    "target_username",
    "target_session_id",
    "actor_username",
    "src_ip_addr",
    "http_user_agent",
    "logon_method",
    "target_app_name",
    "event_original_uid",
]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300) | st.builds(
    lambda text, times: text * times,
    st.text(st.characters(exclude_categories=()), min_size=1, max_size=4),
    st.integers(1, 3000),
)


def an_event(**changes: Any) -> LoginEvent:
    given: dict[str, Any] = {
        "ts": MONDAY,
        "event_type": EventType.LOGON,
        "event_result": EventResult.FAILURE,
    }
    return LoginEvent(**(given | changes))


events = st.builds(
    LoginEvent,
    ts=st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC)),
    src_port_number=st.none() | st.integers(),
    event_count=st.integers(-1, 10**12),
    same_wrong_password=st.none() | st.booleans(),
    password_known_leaked=st.none() | st.booleans(),
    familiar_place=st.none() | st.booleans(),
    **{name: ANY_TEXT for name in TEXT_FIELDS},
)


@given(events)
def test_a_line_is_short_printable_ascii_and_json_whatever_the_input(event: LoginEvent) -> None:
    line = event_line(event)
    assert len(f"{line}\n".encode()) <= MAX_LINE_BYTES
    assert re.fullmatch("[ -~]+", line), "a character that could break the line got through"
    read_back = json.loads(line)
    assert list(read_back) == [name for name in FIELDS if name in read_back], "order"
    for name, value in read_back.items():
        kind = bool if name in FLAGS else int if name in NUMBERS else str
        assert type(value) is kind, name


@pytest.mark.parametrize("filler", ["a", "\x00", '"', "é", "\N{GRINNING FACE}", "\ud800", "\u2028"])
def test_a_line_with_every_field_overfull_still_fits(filler: str) -> None:
    event = an_event(
        src_port_number=65535,
        event_count=10**9,
        same_wrong_password=False,
        password_known_leaked=False,
        familiar_place=False,
        **{name: filler * 20_000 for name in TEXT_FIELDS},
    )
    line = event_line(event)
    assert len(f"{line}\n".encode()) <= MAX_LINE_BYTES
    assert list(json.loads(line)) == FIELDS


def test_a_long_value_is_cut_with_a_mark_and_leaves_the_others_alone() -> None:
    event = an_event(target_username="a" * 16_000, http_user_agent="Browser/1.0")
    read_back = json.loads(event_line(event))
    assert read_back["TargetUsername"].endswith("aaa…")
    assert read_back["HttpUserAgent"] == "Browser/1.0"


def test_a_user_name_of_the_full_length_is_never_cut() -> None:
    name = "ж" * 150
    assert json.loads(event_line(an_event(target_username=name)))["TargetUsername"] == name


def test_a_complete_line_reads_as_agreed() -> None:
    event = an_event(
        event_result_details=EventResultDetails.INCORRECT_PASSWORD,
        target_username="o'neill",
        src_ip_addr="203.0.113.9",
        src_port_number=4711,
        http_user_agent="Browser/1.0",
        target_app_name="login-app",
        event_original_uid="7b0a9f06-0000-4000-8000-000000000000",
    )
    assert event_line(event) == (
        '{"ts":"2026-01-05T07:30:00.000000Z","EventSchema":"Authentication",'
        '"EventSchemaVersion":"0.1.4","EventVendor":"login-monitor","EventProduct":"login-app",'
        '"EventType":"Logon",'
        '"EventResult":"Failure","EventResultDetails":"Incorrect password",'
        '"TargetUsername":"o\'neill","SrcIpAddr":"203.0.113.9","SrcPortNumber":4711,'
        '"HttpUserAgent":"Browser/1.0","TargetAppName":"login-app",'
        '"EventOriginalUid":"7b0a9f06-0000-4000-8000-000000000000"}'
    )


def test_an_injected_event_stays_inside_its_own_value() -> None:
    forged = 'x"}\r\n{"EventSchema":"Authentication","EventResult":"Success"}'
    line = event_line(an_event(target_username=forged))
    assert "\n" not in line
    assert json.loads(line)["EventResult"] == "Failure"
    assert json.loads(line)["TargetUsername"] == forged


@pytest.mark.parametrize("nothing", [None, ""])
def test_absent_values_are_left_out(nothing: str | None) -> None:
    line = event_line(an_event(target_username=nothing, src_ip_addr=nothing))
    assert {"TargetUsername", "SrcIpAddr", "EventCount", "FamiliarPlace"}.isdisjoint(
        json.loads(line)
    )


@pytest.mark.parametrize(
    ("port", "written"), [(0, True), (65535, True), (65536, False), (-1, False)]
)
def test_a_number_that_is_no_port_is_left_out(port: int, written: bool) -> None:
    assert ("SrcPortNumber" in json.loads(event_line(an_event(src_port_number=port)))) is written


def test_the_time_is_told_in_utc() -> None:
    elsewhere = MONDAY.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert json.loads(event_line(an_event(ts=elsewhere)))["ts"] == "2026-01-05T07:30:00.000000Z"
