"""A query's rows can be read at any width and by any program."""

import csv
import io
import json
from typing import Any

from lab.report import result_rows

COLUMNS = ["CIp", "Empty", "Bag", "TenantId"]
ROWS: list[dict[str, Any]] = [
    {"CIp": "10.0.0.1", "Empty": "", "Bag": {"a": [1]}, "TenantId": "t"},
    {"CIp": "10.0.0.2", "Empty": None, "Bag": None, "TenantId": "t"},
]


def test_columns_that_say_nothing_are_left_out() -> None:
    assert result_rows.telling(COLUMNS, ROWS) == ["CIp", "Bag"]
    assert result_rows.telling(["TenantId"], ROWS) == ["TenantId"]


def test_wide_rows_are_records() -> None:
    assert result_rows.is_wide(["a"] * 8, 80)
    assert not result_rows.is_wide(["a"], 10)
    assert result_rows.records(["CIp", "Bag"], ROWS) == (
        'CIp  10.0.0.1\nBag  {"a": [1]}\n\nCIp  10.0.0.2'
    )


def test_programs_get_every_column() -> None:
    assert json.loads(result_rows.as_json(COLUMNS, ROWS)) == ROWS
    read = list(csv.DictReader(io.StringIO(result_rows.as_csv(COLUMNS, ROWS))))
    assert [row["Bag"] for row in read] == ['{"a": [1]}', ""]
