"""What an export may overwrite, and what not."""

from pathlib import Path

import pytest

from components.limits.refusal import RefusedError
from lab.exchange import export_folder


def test_files_of_an_export_are_replaced_and_said(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "by it"
    first = export_folder.write(folder, {"a.yaml": "1", "in/b.yaml": "1"})
    assert first.new == ("a.yaml", "in/b.yaml")
    second = export_folder.write(folder, {"a.yaml": "2", "in/b.yaml": "1"})
    assert (second.new, second.changed, second.same) == ((), ("a.yaml",), ("in/b.yaml",))
    assert (folder / "a.yaml").read_text() == "2"


@pytest.mark.parametrize("exported", [False, True])
def test_what_an_export_did_not_write_is_never_overwritten(exported: bool, tmp_path: Path) -> None:
    if exported:
        export_folder.write(tmp_path, {"a.yaml": "1"})
    (tmp_path / "a.yaml").write_text("somebody's own")
    with pytest.raises(
        RefusedError, match=r"a\.yaml was .*; expected another folder, or --replace"
    ):
        export_folder.write(tmp_path, {"a.yaml": "2", "b.yaml": "2"})
    assert (tmp_path / "a.yaml").read_text() == "somebody's own"
    assert not (tmp_path / "b.yaml").exists()
    assert export_folder.write(tmp_path, {"a.yaml": "2"}, replace=True).changed == ("a.yaml",)


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    export_folder.write(tmp_path, {"a.yaml": "1"})
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_that_is_no_longer_exported_is_named(tmp_path: Path) -> None:
    export_folder.write(tmp_path, {"a.yaml": "1", "b.yaml": "1"})
    written = export_folder.write(tmp_path, {"a.yaml": "1"})
    assert written.left_over == ("b.yaml",)
    assert (tmp_path / "b.yaml").exists()


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(RefusedError, match="is a file; expected a folder"):
        export_folder.write(tmp_path / "taken", {})
