"""Which sources of login events a replay reads: those asked for, the stack's, or what tells."""

import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from lab.logs.log_tables import LogTables
from lab.tuning.replay import Recording, read
from lab.verbs import replay

PLAIN = "Failed login attempt for user: bob"
EVENT = '{"EventSchema": "Authentication", "EventType": "Logon", "EventResult": "Failure"}'


@pytest.fixture
def tables() -> Iterator[LogTables]:
    found = LogTables()
    yield found
    found.close()


def recorded(tables: LogTables, *printed: str) -> Recording:
    rows = [
        {
            "_table": "AppServiceConsoleLogs",
            "TimeGenerated": f"2026-01-05T08:00:{number:02}Z",
            "ResultDescription": line,
        }
        for number, line in enumerate(printed)
    ]
    return read(map(json.dumps, rows), tables)


def test_what_is_asked_for_is_read(tables: LogTables) -> None:
    found = replay._sources(recorded(tables, PLAIN), tables, "local", ["http_status"])
    assert found == (["http_status"], "")


def test_the_stacks_own_are_read_where_they_find_some(tables: LogTables) -> None:
    assert replay._sources(recorded(tables, PLAIN, EVENT), tables, "local", []) == (None, "")


def test_what_finds_some_is_read_where_they_find_none_and_named(tables: LogTables) -> None:
    sources, why = replay._sources(recorded(tables, PLAIN, "Booting"), tables, "local", [])
    assert sources == ("lines",)
    assert "The stack local reads json, which finds no login event here; lines does" in why
    assert "set loginSources: [lines]" in why


@pytest.mark.parametrize("printed", [[], ["Booting worker with pid: 7"]])
def test_where_nothing_tells_any_the_stacks_own_remain(
    tables: LogTables, printed: list[str]
) -> None:
    assert replay._sources(recorded(tables, *printed), tables, "local", []) == (None, "")


@pytest.mark.parametrize("text", ["lines", '["line"]', '"lines"', "5", "", '[["json"]]', "[{}]"])
def test_a_setting_that_is_wrong_is_left_to_the_deployment(
    tables: LogTables, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    config = SimpleNamespace(values={"login-monitor:loginSources": text})
    monkeypatch.setattr(replay, "examined", lambda *_: config)
    assert replay._sources(recorded(tables, PLAIN), tables, "local", []) == (None, "")
