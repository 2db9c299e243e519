"""Log tables in memory, for one test."""

from collections.abc import Iterator

import pytest

from lab.logs.log_tables import LogTables


@pytest.fixture
def tables() -> Iterator[LogTables]:
    made = LogTables()
    yield made
    made.close()
