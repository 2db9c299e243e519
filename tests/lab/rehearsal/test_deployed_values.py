"""A detection is explained with the values that the rehearsed stack gave it."""

import json
from pathlib import Path

import pytest

from components.content import detection
from lab.rehearsal import deployed_values


def test_the_stacks_own_values_stand_in_for_the_files(tmp_path: Path) -> None:
    found = detection.load("password_spray")
    assert deployed_values.as_deployed(found, tmp_path) == found
    values = {"threshold": 100, "window": "PT2H", "frequency": "PT10M"}
    (tmp_path / "deployed.json").write_text(json.dumps({"password_spray": values}), "utf-8")
    changed = deployed_values.as_deployed(found, tmp_path)
    assert (changed.threshold, changed.window, changed.frequency) == (100, "PT2H", "PT10M")


@pytest.mark.parametrize(
    ("minutes", "text"), [(5, "PT5M"), (60, "PT1H"), (90, "PT90M"), (1440, "P1D"), (1, "PT1M")]
)
def test_a_frequency_is_written_as_heads_write_it(minutes: int, text: str) -> None:
    from datetime import timedelta

    assert deployed_values._iso(timedelta(minutes=minutes)) == text
