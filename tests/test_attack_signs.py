"""The signs of kql/patterns: their texts, in the lab's engine, and the functions made of them."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from components.content import attack_sign, detection, kql_function
from components.content.attack_sign import KINDS, AttackClass, AttackSign
from components.limits.refusal import RefusedError
from lab.cases import case_file
from lab.logs.log_tables import LogTables

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
CASES = Path(__file__).parent / "detections"
CLASSES = {each.path.stem: each for each in attack_sign.load_all()}
COLUMNS = {
    "path": "CsUriStem",
    "query": "CsUriQuery",
    "agent": "UserAgent",
    "referrer": "Referer",
    "cookie": "Cookie",
}
ARGUMENTS = {
    "part": "Kind",
    "field": "Field",
    "text": "Text",
    "typed": "Typed",
    "shell": "ShellText(Text)",
    "statement": "SqlReadings(Text)",
}
MOST_BYTES, MOST_LINES = 16_000, 120

Rows = Sequence[Mapping[str, Any]]


def part_of(text: str) -> tuple[str, str]:
    """The kind of part and what stands in it: `agent curl` or a query without a kind."""
    kind, _, rest = text.partition(" ")
    return (kind, rest) if kind in KINDS and rest else ("query", text)


def signs_of(rows: Rows, found: AttackClass) -> list[set[str]]:
    """The ids of the class's signs in each row, in the order of the rows."""
    functions = kql_function.load_all()
    call = ", ".join(ARGUMENTS[name] for name in found.parameters)
    body = (
        f"RequestParts | join kind=inner (RequestTexts | extend Signs = {found.function}({call})"
        ' | where Signs != "") on Part | project CIp, Signs'
    )
    lets = [each.as_let() for each in kql_function.used_by(body, functions)]
    tables = LogTables()
    tables.write(
        "AppServiceHTTPLogs",
        [
            {"TimeGenerated": NOW, "CIp": f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", **row}
            for n, row in enumerate(rows)
        ],
        NOW,
    )
    ids: list[set[str]] = [set() for _ in rows]
    for row in tables.query("\n".join([*lets, body]), NOW).rows:
        _, high, middle, low = map(int, row["CIp"].split("."))
        number = high * 65536 + middle * 256 + low
        ids[number] |= {sign.split(":")[0] for sign in row["Signs"].split("; ") if sign}
    tables.close()
    return ids


def row_of(text: str) -> dict[str, str]:
    kind, rest = part_of(text)
    return {COLUMNS[kind]: rest}


def percent_encoded(text: str) -> str:
    """A query whose special characters are encoded, as a browser would; its structure stays."""
    return re.sub(r"[^\w=&+%.~-]", lambda found: quote(found[0], safe=""), text, flags=re.ASCII)


@pytest.mark.parametrize("name", CLASSES)
def test_the_function_of_a_class_is_fresh(name: str) -> None:
    found = CLASSES[name]
    path = kql_function.FUNCTIONS / f"{found.function}.kql"
    assert path.read_text(encoding="utf-8") == found.kql(), f"{path.name} is stale; `make docs`"


Texts = list[tuple[AttackSign, str]]


@dataclass(frozen=True)
class Seen:
    """What one class sees in all texts, asked in one query: a sign is looked for in seconds."""

    must: list[tuple[AttackSign, str, set[str]]]
    must_not: list[tuple[AttackSign, str, set[str]]]
    encoded: list[tuple[AttackSign, str, set[str]]]
    """Texts of queries, their special characters encoded once and twice."""
    silent: list[tuple[str, set[str]]]
    """Rows of cases in which no rule may fire, each with its place."""


@cache
def silent_rows() -> tuple[tuple[str, dict[str, str]], ...]:
    found: dict[tuple[str, ...], str] = {}
    for slug in (f"{name}_probe" for name in CLASSES):
        for path in sorted((CASES / slug).glob("silent_*.yaml")):
            for row in case_file.load(path, slug).rows:
                texts = tuple(str(row.values.get(key, "")) for key in COLUMNS.values())
                found.setdefault(texts, f"{slug}/{path.stem}")
    return tuple(
        (where, dict(zip(COLUMNS.values(), texts, strict=True))) for texts, where in found.items()
    )


@cache
def seen_by(name: str) -> Seen:
    found = CLASSES[name]
    must: Texts = [(each, text) for each in found.signs for text in each.texts]
    must_not: Texts = [(each, text) for each in found.signs for text in each.must_not]
    # What reads the text as it was sent looks for the encoding itself.
    once: Texts = [
        (each, percent_encoded(text))
        for each, text in must
        if each.reads != "field" and part_of(text)[0] == "query" and "%" not in text
    ]
    encoded = [*once, *((each, text.replace("%", "%25")) for each, text in once)]
    silent = silent_rows()
    rows = [row_of(text) for _, text in (*must, *must_not, *encoded)] + [row for _, row in silent]
    ids = iter(signs_of(rows, found))

    def with_ids(texts: Texts) -> list[tuple[AttackSign, str, set[str]]]:
        return [(each, text, next(ids)) for each, text in texts]

    return Seen(
        with_ids(must),
        with_ids(must_not),
        with_ids(encoded),
        [(f"{where}: {row}", next(ids)) for where, row in silent],
    )


@pytest.mark.parametrize("name", CLASSES)
def test_each_sign_is_seen_in_its_texts_and_not_in_those_that_look_alike(name: str) -> None:
    seen = seen_by(name)
    missed = [(each.id, text) for each, text, ids in seen.must if each.id not in ids]
    accused = [(each.id, text) for each, text, ids in seen.must_not if each.id in ids]
    assert (missed, accused) == ([], [])


@pytest.mark.parametrize("name", CLASSES)
def test_encoding_once_or_twice_hides_no_sign(name: str) -> None:
    encoded = seen_by(name).encoded
    assert [(each.id, text) for each, text, ids in encoded if each.id not in ids] == []


@pytest.mark.parametrize("name", CLASSES)
def test_each_sign_has_a_text_that_no_other_sign_of_its_class_sees(name: str) -> None:
    found = CLASSES[name]
    weak = {each.id for each in found.signs if each.weight == "weak"}
    alone = {
        each.id
        for each, _, ids in seen_by(name).must
        if (ids if each.id in weak else ids - weak) == {each.id}
    }
    assert {each.id for each in found.signs} - alone == set()


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_silent_for_one_rule_has_no_clear_sign_for_any(name: str) -> None:
    silent = seen_by(name).silent
    assert len(silent) > 300
    accused = [
        (where, clear)
        for where, ids in silent
        if (clear := {each for each in ids if not each.startswith(attack_sign.WEAK)})
    ]
    assert accused == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_rule_can_be_read_in_the_portal(name: str) -> None:
    rule = detection.load(f"{name}_probe")
    query = rule.rendered_query()
    assert len(query.encode()) <= MOST_BYTES
    assert len(query.splitlines()) <= MOST_LINES
    for each in CLASSES[name].signs:
        assert f"{each.id}: {each.what}" in query
        assert each.why in query


def test_base64_is_known_at_each_offset() -> None:
    texts = [
        base64.b64encode(f"{before}/etc/passwd{after}".encode()).decode()
        for before in ("", "a", "ab")
        for after in ("", "c", "cd")
    ]
    found = attack_sign.base64_offsets("/etc/passwd")
    assert all(any(re.search(each, text) for each in found) for text in texts)
    assert not any(re.search(each, "L2V0Yy9ob3N0cw==") for each in found)


GOOD = """
function: ExampleSigns
description: Signs of an example.
signs:
  - id: a-sign
    what: something
    why: No text has it.
    source: cases
    alternatives:
      - match: 'a{3}'
        example: 'v=aaa'
    must_not:
      - 'v=aa'
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: a-sign", "id: A sign", "id 'A sign' is none"),
        ("id: a-sign", "id: weak-sign", "weight and id differ"),
        ("    why: No text has it.\n", "", "why is missing"),
        ("what: something", "what: 'a \"b\"'", "what holds a quote"),
        ("source: cases", "source: cases\n    reads: body", "reads 'body' is unknown"),
        ("'a{3}'", "'<<none>>'", "fragment 'none' is unknown"),
        ("      - 'v=aa'\n", "", "must_not is empty"),
        ("        example: 'v=aaa'\n", "", "expected match and example"),
        ("source: cases", "sauce: cases", "did you mean 'source'?"),
        ("function: ExampleSigns\n", "", "function is missing"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(GOOD)
    assert attack_sign.load(path).signs[0].let_name == "ASign"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(RefusedError, match=re.escape(message)) as refused:
        attack_sign.load(path)
    assert "example.yaml" in str(refused.value)
