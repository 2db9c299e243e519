"""Measures the library on many log rows: each detection once, and five against SQL by hand.

`python benchmarks/scale.py [--rows 1000000 10000000] [--write]`: rows are made in DuckDB, in the
app's own line format, in a folder that is gone afterwards. Every detection sees all rows, as if its
window held them, on two threads. The five hand-written statements (benchmarks/by_hand) must find
the very same alerts, or their time is not counted.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import duckdb_kql
from duckdb_kql.errors import KqlError

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks.scale_figures import THREADS, Timing, figures, shown  # noqa: E402 the path first
from components.content.detection import Detection, load_all  # noqa: E402
from docs.generate import with_block  # noqa: E402
from lab.kusto.engine import Kusto  # noqa: E402

NOW = datetime(2026, 1, 6, 7, 30)
BY_HAND = Path(__file__).with_name("by_hand")
TYPES = {
    "string": "VARCHAR DEFAULT ''",
    "int": "INTEGER",
    "long": "BIGINT",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
}
REDUCE = {"Total": "sum", "Average": "avg", "Minimum": "min", "Maximum": "max"}
SIGNS = {
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
}
LISTS = {
    "hostile_stems": [
        *(
            "/.env",
            "/.git/config",
            "/wp-login.php",
            "/admin",
            "/backup.zip",
            "/phpmyadmin/index.php",
        ),
        *("/login", "/search", "/../../etc/passwd", "/cgi-bin/test.sh", "/actuator/env", "/api/v1"),
    ],
    "hostile_queries": [
        *("", "", "id=1%27%20OR%20%271%27=%271", "q=%3Cscript%3Ealert(1)%3C/script%3E"),
        *("file=../../../../etc/passwd", "cmd=;cat%20/etc/passwd", "name=%7B%7B7*7%7D%7D"),
        *("id=1+UNION+SELECT+username,password+FROM+users--", "url=http://169.254.169.254/latest"),
    ],
    "usual_queries": [
        "q=O%27Brien",
        "q=union+square",
        "next=/account",
        "q=select+a+plan",
        "page=2",
    ],
    "agents": [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    ],
}
# The package's own __init__ composes the app and needs Flask; its serializer needs nothing.
SERIALIZER = """
import json, sys, types
from datetime import datetime, UTC
package = types.ModuleType("login_app")
package.__path__ = [sys.argv[1] + "/login_app"]
sys.modules["login_app"] = package
from login_app.login_events import LoginEvent, event_line
common = dict(ts=datetime(2026, 1, 1, tzinfo=UTC), event_type="Logon", target_username="{user}",
    src_ip_addr="{address}", src_port_number=50123, http_user_agent="Mozilla/5.0",
    target_app_name="login-app", event_original_uid="0")
lines = [
    event_line(LoginEvent(event_result="Success", **common)),
    event_line(LoginEvent(event_result="Failure", event_result_details="Incorrect password",
        **common)),
    event_line(LoginEvent(event_result="Failure", event_result_details="No such user", **common)),
    event_line(LoginEvent(event_result="Failure", event_result_details="Other",
        event_original_result_details="CsrfFailed", **common)),
]
json.dump([line.replace("2026-01-01T00:00:00.000000Z", "{ts}") for line in lines], sys.stdout)
"""


class Bench:
    """One database with so many rows; ends with `close`."""

    def __init__(self, folder: Path, rows: int, memory_gb: int, limit_s: float) -> None:
        self.rows, self._limit_s = rows, limit_s
        self._kusto: Kusto | None = None
        self.schema: dict[str, dict[str, str]] = json.loads(
            (ROOT / "components" / "content" / "tables.json").read_text(encoding="utf-8")
        )
        self.connection = duckdb_kql.connect(str(folder / f"rows-{rows}.duckdb"))
        self.connection.execute(
            f"SET threads={THREADS}; SET memory_limit='{memory_gb}GB';"
            f"SET temp_directory='{folder}'; SET max_temp_directory_size='40GB'"
        )
        self._fill()

    def _fill(self) -> None:
        for name, columns in self.schema.items():
            # DuckDB keeps no two names that differ in case only; Azure's has such a pair.
            unlike = {each.casefold(): each for each in reversed(list(columns))}
            body = ", ".join(f'"{each}" {TYPES[columns[each]]}' for each in unlike.values())
            self.connection.execute(f'CREATE TABLE "{name}" ({body})')
        lines, flood = self.rows // 9, 3 * max(800, self.rows // 700)
        values: dict[str, Any] = {
            **LISTS,
            "requests": self.rows - lines - flood,
            "flood": flood,
            "lines": lines,
            "templates": templates(),
        }
        script = Path(__file__).with_name("log_rows.sql").read_text(encoding="utf-8")
        for name in sorted(values, key=len, reverse=True):
            script = script.replace(f"${name}", literal(values[name]))
        self.connection.execute(script)

    def statement(self, found: Detection) -> str:
        """What the alert rule makes of the query: the measure of each combination, compared."""
        # The lab knows more of KQL than the translator, such as new_guid().
        if self._kusto is None:
            self._kusto = Kusto(self.connection, self.schema)
        sql = self._kusto.sql(found.rendered_query()).replace("$kqlnow", f"TIMESTAMP '{NOW:%F %T}'")
        columns = [f'"{name}"' for name in found.dimensions]
        measure = f'{REDUCE.get(found.aggregation, "")}("{found.measure_column}")'
        value = "count(*)" if found.measure_column is None else measure
        limit = "" if found.threshold is None else f"{SIGNS[found.operator]} {found.threshold:g}"
        having = f"HAVING {value} {limit}" if limit else ""
        group = f"GROUP BY {', '.join(columns)}" if columns else ""
        return f"SELECT {', '.join([*columns, value])} FROM ({sql}) {group} {having}"  # noqa: S608

    def run(self, sql: str) -> tuple[float | None, list[tuple[Any, ...]], str]:
        """Seconds, planning included, and the alerts; a statement that takes too long is ended."""
        timer = threading.Timer(self._limit_s, self.connection.interrupt)
        began = time.perf_counter()
        timer.start()
        try:
            # A parameter only where the query asks for the time.
            parameters = {"kqlnow": NOW} if "$kqlnow" in sql else None
            found = self.connection.execute(sql, parameters).fetchall()
        except duckdb.InterruptException:
            return None, [], f"not within {self._limit_s:g} s"
        except duckdb.Error as error:
            return None, [], str(error).splitlines()[0][:120]
        finally:
            timer.cancel()
        return time.perf_counter() - began, found, ""

    def timing(self, found: Detection) -> Timing:
        try:
            statement = self.statement(found)
        except KqlError:  # the time of arrival, which rows have in the lab's own tables only
            return Timing(found.slug, self.rows, None, note="not translatable by itself")
        seconds, alerts, note = self.run(statement)
        path = BY_HAND / f"{found.slug}.sql"
        if not path.exists():
            return Timing(found.slug, self.rows, seconds, note=note)
        by_hand = path.read_text(encoding="utf-8")
        own, expected, problem = self.run(by_hand)
        # In turn and the best of both: other work on the machine disturbs neither alone.
        seconds, own = (
            best(seconds, self.run(statement)[0]),
            best(own, self.run(by_hand)[0]),
        )
        if (
            seconds is not None
            and own is not None
            and (not expected or same(alerts) != same(expected))
        ):
            own, problem = None, f"by hand {len(expected)} alerts, by the query {len(alerts)}"
        return Timing(found.slug, self.rows, seconds, own, note or problem)

    def close(self) -> None:
        self.connection.close()


def templates() -> list[str]:
    """Lines of the app's own serializer, with places for user, address and time."""
    child = subprocess.run(  # noqa: S603  # our own interpreter and our own code
        [sys.executable, "-I", "-c", SERIALIZER, str(ROOT / "app_src")],
        capture_output=True,
        text=True,
        check=True,
    )
    return [str(line) for line in json.loads(child.stdout)]


def best(one: float | None, other: float | None) -> float | None:
    """The shorter time, where both ended."""
    return None if one is None or other is None else min(one, other)


def literal(value: object) -> str:
    """A number, or a list of texts, as DuckDB reads it."""
    if isinstance(value, list):
        return "[" + ", ".join("'" + str(each).replace("'", "''") + "'" for each in value) + "]"
    return str(value)


def same(alerts: Sequence[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Alerts in one order, numbers without their types."""
    return sorted(
        tuple(f"{float(each):g}" if not isinstance(each, str) else each for each in row)
        for row in alerts
    )


def measured(
    rows: int, chosen: Sequence[Detection], memory_gb: int, limit_s: float
) -> list[Timing]:
    """Every detection once over so many rows; what was made is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        began = time.perf_counter()
        bench = Bench(Path(scratch), rows, memory_gb, limit_s)
        print(f"{rows:,} rows made in {time.perf_counter() - began:.0f} s", flush=True)
        try:
            timings = []
            for found in chosen:
                timings.append(bench.timing(found))
                print(shown(timings[-1]), flush=True)
            return timings
        finally:
            bench.close()


def main() -> int:
    """Exit code 1 when a statement by hand does not find what the detection finds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--only", nargs="*", default=[], help="slugs; all by default")
    parser.add_argument("--memory", type=int, default=12, choices=range(1, 21), metavar="GB")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds for one statement")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/figures.md")
    chosen = parser.parse_args()
    # Ended from outside, it still takes its gigabytes away.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    detections = [
        each for slug, each in load_all().items() if not chosen.only or slug in chosen.only
    ]
    timings = []
    for rows in chosen.rows:
        timings += measured(rows, detections, chosen.memory, chosen.limit)
    block = figures(timings)
    print(block)
    if chosen.write:
        page = ROOT / "docs" / "figures.md"
        content = with_block(page.read_text(encoding="utf-8"), "figures-scale", block)
        page.write_text(content, encoding="utf-8")
    unequal = [each.slug for each in timings if each.note.startswith("by hand")]
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main())
