"""Where the lab keeps its things."""

from pathlib import Path

import pytest

from components.content.places import ROOT
from lab.host import lab_folder


def test_it_lies_beside_the_program_or_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(lab_folder.VARIABLE, raising=False)
    assert lab_folder.lab_folder() == ROOT / ".lab"
    monkeypatch.setenv(lab_folder.VARIABLE, str(tmp_path))
    assert lab_folder.lab_folder() == tmp_path


def test_builds_are_shared_unless_the_checkout_is_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(lab_folder.VARIABLE, str(tmp_path))
    assert lab_folder.builds_folder() == ROOT / ".lab"
    monkeypatch.setattr("os.access", lambda *_: False)
    assert lab_folder.builds_folder() == tmp_path
