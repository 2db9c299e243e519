"""What each hunting query finds in rows that the app's own serializer made (tests/hunting/)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.content import attack_coverage, hunting_query, kql_function, places
from components.content.hunting_query import HUNTING, QUESTIONS, HuntingQuery
from components.content.log_columns import TABLES
from components.content.yaml_file import Yaml
from components.limits.refusal import Place, RefusedError
from lab.cases.case_pattern import expand, span
from lab.kusto.kusto_error import KustoError
from lab.logs import login_lines
from lab.logs.log_tables import LogTables

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
QUERIES = hunting_query.load_all()

ATTACKER, OFFICE = "198.51.100.7", "192.0.2.10"
SQL = "id=1%27%20UNION%20SELECT%20password%20FROM%20users--"
SCRIPT = "q=%3Cscript%3Ealert(1)%3C/script%3E"


@dataclass(frozen=True)
class Hunt:
    """Rows, what the hunter sets, and what must be found, in order; a file of tests/hunting.

    `events` are patterns of rows (docs/testing.md), `finds` the columns that matter of each row
    found, `now` how long after the first row the hunter asks: a day by default.
    """

    events: list[dict[str, Any]]
    finds: list[dict[str, Any]]
    sets: Mapping[str, str] = field(default_factory=dict)
    now: str = "24h"

    @property
    def moment(self) -> datetime:
        return START + span(self.now, Place(key="now"))


HUNTS = {
    path.stem: Hunt(**yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted((Path(__file__).parent / "hunting").glob("*.yaml"))
}


@pytest.fixture
def tables() -> Iterator[LogTables]:
    """Empty tables with the types of Microsoft's reference."""
    found = LogTables()
    yield found
    found.close()


def filled(tables: LogTables, patterns: list[dict[str, Any]], now: datetime) -> None:
    rows = expand(Yaml(patterns, "a hunt"))
    lines = iter(login_lines.lines([(START + row.offset, row.values) for row in rows if row.event]))
    for row in rows:
        values = {"ResultDescription": next(lines)} if row.event else row.values
        tables.write(row.table, [{**values, "TimeGenerated": START + row.offset}], now)


def with_parameters(query: HuntingQuery, values: Mapping[str, str]) -> str:
    """The query as a hunter leaves it: other values in its `let` lines."""
    text = query.rendered_query()
    for name, value in values.items():
        text, count = re.subn(rf"^let {name} = [^;]*;", f"let {name} = {value};", text, flags=re.M)
        assert count == 1, f"{query.slug} has no parameter {name}"
    return text


def test_there_are_at_least_twenty() -> None:
    assert len(QUERIES) >= 20


def test_each_query_that_the_lab_can_run_has_a_hunt() -> None:
    assert HUNTS.keys() == {slug for slug, each in QUERIES.items() if not each.only_in_azure}


@pytest.mark.parametrize("slug", sorted(HUNTS))
def test_a_hunt_finds_what_is_there_and_nothing_else(slug: str, tables: LogTables) -> None:
    hunt = HUNTS[slug]
    filled(tables, hunt.events, hunt.moment)
    found = tables.query(with_parameters(QUERIES[slug], hunt.sets), hunt.moment).rows
    assert len(found) == len(hunt.finds), found
    for row, expected in zip(found, hunt.finds, strict=True):
        assert {key: row.get(key) for key in expected} == expected, found


@pytest.mark.parametrize("slug", sorted(HUNTS.keys() - {"gaps_in_the_log"}))
def test_nothing_is_found_where_nothing_is(slug: str, tables: LogTables) -> None:
    assert tables.query(QUERIES[slug].rendered_query(), START).rows == []
    assert slug in {path.stem for path in (places.ROOT / "tests" / "hunting").glob("*.yaml")}, (
        "with rows it finds"
    )


def test_without_its_parameters_a_timeline_shows_everybody(tables: LogTables) -> None:
    hunt = HUNTS["address_timeline"]
    filled(tables, hunt.events, hunt.moment)
    rows = tables.query(QUERIES["address_timeline"].rendered_query(), hunt.moment).rows
    assert {row["Address"] for row in rows} == {ATTACKER, OFFICE}


def test_failures_join_the_audit_trail_on_demand(tables: LogTables) -> None:
    hunt = HUNTS["sign_in_audit_trail"]
    filled(tables, hunt.events, hunt.moment)
    text = with_parameters(QUERIES["sign_in_audit_trail"], {"WithFailures": "true"})
    results = [row["EventResult"] for row in tables.query(text, hunt.moment).rows]
    assert results == ["Failure", "Success", "Success"]


@pytest.mark.parametrize(
    ("text", "attack_class"),
    [
        (SQL, "SQL injection"),
        ("name=%2527%2520or%25201=1--", "SQL injection"),
        (SCRIPT, "Cross-site scripting"),
        ("url=http://169.254.169.254/latest/meta-data", "Server-side request forgery"),
        ("file=..%2f..%2fetc%2fpasswd", "Path traversal"),
        ("host=1;cat%20/tmp/x", "Command injection"),
        ("name=%7B%7B7*7%7D%7D", "Template or expression injection"),
        ("q=rock%20%26%20roll%20or%20jazz", ""),
        ("name=O%27Brien", ""),
        ("next=/account", ""),
        ("q=100%25+wool%3B+blue", ""),
    ],
)
def test_a_sign_of_an_attack_has_its_class(tables: LogTables, text: str, attack_class: str) -> None:
    filled(tables, [{"request": {"CsUriQuery": text}}], START)
    functions = kql_function.load_all()
    lets = [each.as_let() for each in kql_function.used_by("AttackSigns", functions)]
    rows = tables.query("\n".join([*lets, "AttackSigns"]), START).rows
    assert [row["AttackClass"] for row in rows] == ([attack_class] if attack_class else [])


def test_a_head_names_the_tables_that_its_query_reads(tables: LogTables) -> None:
    wrong = {
        slug: set(each.tables) ^ tables.tables_in(each.rendered_query())
        for slug, each in QUERIES.items()
        if not each.only_in_azure
    }
    assert not {slug: names for slug, names in wrong.items() if names}
    assert set(TABLES) >= {table for each in QUERIES.values() for table in each.tables}


def test_what_the_lab_skips_it_has_to_skip(tables: LogTables) -> None:
    skipped = [each for each in QUERIES.values() if each.only_in_azure]
    assert [each.slug for each in skipped] == ["ingestion_delay"]
    for each in skipped:
        assert each.only_in_azure.endswith(".")
        with pytest.raises(KustoError):
            tables.query(each.rendered_query(), START)


def test_every_description_is_a_line_of_a_table() -> None:
    wrong = [
        slug
        for slug, each in QUERIES.items()
        if not each.description.endswith(".") or len(each.description) > 160
    ]
    assert not wrong
    assert len(QUERIES) > 20


def test_every_technique_is_in_the_list() -> None:
    known = attack_coverage.names()
    assert {each for query in QUERIES.values() for each in query.attack} <= known.keys()


def test_no_query_looks_at_sign_ins_without_saying_which() -> None:
    """A sign-out is no sign-in, a failure no success."""
    logins = [each for each in QUERIES.values() if re.search(r"\bLoginEvents\b", each.query)]
    wrong = [
        each.slug
        for each in logins
        if not {"EventType", "EventResult"} & set(re.findall(r"\w+", each.query))
    ]
    assert logins
    assert not wrong


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("// nmae: X", ["nmae is not a known key", "did you mean 'name'?", "hunt.kql:1"]),
        ("// name: X", ["question is missing; expected in every head"]),
        ("// name: X\n// question: Who?", ["question 'Who?' is unknown", "hunt.kql:2"]),
        ("// name: X\n// tables: LoginEvents", ["tables 'LoginEvents'", "a list of names"]),
        ("// name: 7", ["name 7 is not allowed; expected a text"]),
    ],
)
def test_a_wrong_head_is_named_with_file_and_line(
    tmp_path: Path, head: str, words: list[str]
) -> None:
    (tmp_path / "hunt.kql").write_text(f"{head}\n\nLoginEvents\n", encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        hunting_query.load_all(tmp_path)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_one_bad_file_does_not_hide_the_next(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.kql").write_text("// name: X\n\nLoginEvents\n", encoding="utf-8")
    with pytest.raises(RefusedError) as caught:
        hunting_query.load_all(tmp_path)
    assert "one.kql" in str(caught.value)
    assert "two.kql" in str(caught.value)


def test_every_question_is_one_of_the_index() -> None:
    assert {each.question for each in QUERIES.values()} <= set(QUESTIONS)
    assert places.KQL / "hunting" == HUNTING
