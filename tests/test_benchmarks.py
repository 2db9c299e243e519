"""The benchmarks measure what they say: the SQL by hand finds the very same alerts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks import library, scale, scale_figures
from benchmarks.scale import Bench
from benchmarks.scale_figures import Timing
from components.content import detection

ROWS = 200_000
SLUGS = sorted(path.stem for path in scale.BY_HAND.glob("*.sql"))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("scale"), ROWS, memory_gb=2, limit_s=120)
    yield made
    made.close()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_sql_by_hand_finds_the_alerts_of_the_query(slug: str, bench: Bench) -> None:
    found = bench.run(bench.statement(detection.load(slug)))[1]
    by_hand = bench.run((scale.BY_HAND / f"{slug}.sql").read_text(encoding="utf-8"))[1]
    assert scale.same(found) == scale.same(by_hand)
    assert found, "rows without an alert would prove nothing"


def test_five_detections_have_sql_by_hand() -> None:
    assert len(SLUGS) == 5


def test_the_rows_are_as_many_as_asked_for_and_in_the_apps_own_form(bench: Bench) -> None:
    counts = [
        bench.connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()  # noqa: S608
        for name in ("AppServiceHTTPLogs", "AppServiceConsoleLogs")
    ]
    assert sum(each[0] for each in counts if each) == ROWS
    (line,) = bench.connection.execute(
        "SELECT count(*) FROM AppServiceConsoleLogs WHERE NOT json_valid(ResultDescription)"
        " OR ResultDescription LIKE '%{%{%'"
    ).fetchall()
    assert line == (0,)


def test_a_statement_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    made = Bench(tmp_path, 1_000, memory_gb=1, limit_s=0.05)
    seconds, _, note = made.run("SELECT count(*) FROM range(1e9::BIGINT) a, range(1000) b")
    made.close()
    assert seconds is None
    assert note.startswith("not within")


def test_what_did_not_end_is_named_in_the_figures() -> None:
    block = scale_figures.figures(
        [
            Timing("a", 100, 1.0, 0.5),
            Timing("b", 100, 2.0),
            Timing("a", 1000, 10.0, 5.0),
            Timing("b", 1000, None, note="not within 5 s"),
        ]
    )
    assert "without b" in block
    assert "median ratio 2.0, worst 2.0" in block


def test_the_figures_of_the_library_count_silence_and_failures() -> None:
    def case(name: str, generated: bool = False, result: str = "passed") -> dict[str, object]:
        return {"slug": "a", "case": name, "generated": generated, "result": result}

    cases = [case("fires_x"), case("silent_y"), case("silent_z", result="failed")]
    rows = dict(library.case_rows([2.0, 1.0, 3.0], [*cases, case("silent_at_9", generated=True)]))
    assert rows["Of them failed"] == "1"
    assert rows["Cases and boundaries a second"] == "2"
    assert rows["Silent share of the written cases, and of all"] == "67 % and 75 %"


def test_the_mutation_score_leaves_out_what_nobody_could_kill() -> None:
    fates = ["killed", "killed", "killed", "survived", "equivalent", "invalid"]
    found = {"detections": [{"mutants": [{"fate": fate} for fate in fates]}]}
    ((_, text),) = library.mutation_rows(12.0, found)
    assert text.startswith("75 % (3 of 4 mutants killed, 1 more equivalent)")
