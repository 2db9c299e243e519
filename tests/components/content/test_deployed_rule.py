"""The deployed form of a rule that rings for silence: a new workspace has nothing to say yet."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from components.content import detection
from components.content.deployed_rule import deployed, moment
from lab.logs.log_tables import LogTables

BORN = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
SILENCE = detection.load("no_log_lines")


@pytest.fixture
def tables() -> Iterator[LogTables]:
    made = LogTables()
    yield made
    made.close()


def rows(tables: LogTables, after: timedelta, since: datetime | None = BORN) -> int:
    now = BORN + after
    query = deployed(SILENCE, since=since).rendered_query()
    return len(tables.query(query, now, now - timedelta(minutes=30)).rows)


def test_it_waits_two_hours_for_the_first_row_and_no_longer(tables: LogTables) -> None:
    assert rows(tables, timedelta(minutes=30)) == 1
    assert rows(tables, timedelta(minutes=115)) == 1
    assert rows(tables, timedelta(hours=2)) == 0, "none has ever come: now it rings"
    assert rows(tables, timedelta(minutes=30), since=None) == 0


def test_only_rules_that_ring_for_silence_wait() -> None:
    others = [each for each in detection.load_all().values() if each.slug != SILENCE.slug]
    assert len(others) > 50
    for each in others:
        assert deployed(each, since=BORN).query == deployed(each).query, each.slug


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05T07:30:00Z",
        "2026-01-05T07:30:00.0000000Z",
        "2026-01-05T08:30:00+01:00",
        "Mon, 05 Jan 2026 07:30:00 GMT",
        "2026-01-05T07:30:00",
    ],
)
def test_both_ways_to_write_a_moment_are_read(text: str) -> None:
    assert moment(text) == BORN


def test_what_is_no_moment_is_none() -> None:
    assert moment("") is None
    assert moment("None") is None
