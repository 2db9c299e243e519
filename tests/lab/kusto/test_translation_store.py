"""Kept translations: taken again, never stale, never in the way."""

import re
from pathlib import Path

import pytest

from components.content.places import ROOT
from lab.kusto import translation_store
from lab.kusto.kusto_error import KustoError
from lab.kusto.translation_store import TranslationStore

TABLES = {"Heartbeat": {"TimeGenerated": "datetime", "Computer": "string"}}
WIDER = {"Heartbeat": {**TABLES["Heartbeat"], "Version": "string"}}


class Translator:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        return f"SELECT 'ä' -- {self.asked}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "translations"


def test_a_later_run_takes_what_an_earlier_one_translated(folder: Path) -> None:
    translate = Translator()
    first = TranslationStore(TABLES, folder).take("Heartbeat", translate)
    assert TranslationStore(TABLES, folder).take("Heartbeat", translate) == first
    assert translate.asked == 1


def test_another_text_and_other_tables_are_another_translation(folder: Path) -> None:
    translate = Translator()
    TranslationStore(TABLES, folder).take("Heartbeat", translate)
    TranslationStore(TABLES, folder).take("Heartbeat | take 1", translate)
    TranslationStore(WIDER, folder).take("Heartbeat", translate)
    assert translate.asked == 3


def test_another_translator_does_not_take_the_old_ones_texts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    translate = Translator()
    TranslationStore(TABLES, folder).take("Heartbeat", translate)
    monkeypatch.setattr(translation_store, "_of_program", lambda: "after a change")
    TranslationStore(TABLES, folder).take("Heartbeat", translate)
    assert translate.asked == 2


def test_all_that_translates_is_in_the_names() -> None:
    """What only tells of errors or places has no part in the SQL."""
    known = {path.resolve() for path in translation_store.sources()}
    no_part = {"refusal", "rfc3339", "lab_folder"}
    named = re.compile(r"(?m)^(?:from|import) ((?:lab|components)[\w.]*)(?: import (\w+))?")
    found = set()
    for path in known:
        if path.suffix == ".py":
            found |= {*named.findall(path.read_text(encoding="utf-8"))}
    assert ("components.limits", "kql_text") in found
    for package, name in found:
        place = ROOT.joinpath(*package.split("."))
        file = place / f"{name}.py" if place.is_dir() else place.with_suffix(".py")
        assert file.resolve() in known or file.stem in no_part, f"{file}: does SQL depend on it?"


def test_a_refusal_is_told_each_time(folder: Path) -> None:
    def refuse() -> str:
        raise KustoError("no such column")

    for _ in range(2):
        with pytest.raises(KustoError, match="no such column"):
            TranslationStore(TABLES, folder).take("Heartbeat | where X > 1", refuse)
    assert not folder.exists()


@pytest.mark.parametrize("broken", [b"", b"cut off"])
def test_a_broken_file_is_translated_again(folder: Path, broken: bytes) -> None:
    translate = Translator()
    TranslationStore(TABLES, folder).take("Heartbeat", translate)
    (file,) = folder.iterdir()
    file.write_bytes(broken)
    assert TranslationStore(TABLES, folder).take("Heartbeat", translate).endswith("2")
    assert TranslationStore(TABLES, folder).take("Heartbeat", translate).endswith("2")


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", encoding="utf-8")
    assert TranslationStore(TABLES, in_the_way).take("Heartbeat", Translator()).endswith("1")


def test_only_the_latest_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation_store, "MOST", 4)
    store = TranslationStore(TABLES, folder)
    for number in range(9):
        store.take(f"Heartbeat | take {number}", Translator())
    assert len(list(folder.iterdir())) <= 4
