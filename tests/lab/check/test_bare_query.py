"""A query from a post is checked without a head."""

from pathlib import Path

from lab.check import bare_query


def answer(tmp_path: Path, kql: str) -> bare_query.Answer:
    path = tmp_path / "post.kql"
    path.write_text(kql, encoding="utf-8")
    return bare_query.check(path)


def test_a_sound_query_tells_its_columns(tmp_path: Path) -> None:
    found = answer(tmp_path, "\ufeffLoginEvents\n| summarize Tries = count() by SrcIpAddr")
    assert found.refused is None
    assert list(found.columns) == ["SrcIpAddr", "Tries"]


def test_a_wrong_one_is_refused_with_its_place(tmp_path: Path) -> None:
    found = answer(tmp_path, "LoginEvents\n| where SrcIpAddr = '1'")
    assert found.refused is not None
    assert "post.kql:2:19: " in found.refused
    assert "did you mean '=='?" in found.refused
