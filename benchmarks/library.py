"""Measures the library's own tests: every case and boundary, and how much of it is silence.

`python benchmarks/library.py [--runs N] [--mutate] [--write]`: the wall time is that of the whole
command `python -m lab test`, its start included.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from docs.generate import table, with_block  # noqa: E402 the path comes first

CASES_FAILED = 1


def output(*arguments: str) -> tuple[float, Any]:
    """Seconds of `python -m lab test ... --json`, and what it printed."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "lab", "test", *arguments, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode > CASES_FAILED:
        raise SystemExit(f"`lab test` ended with {done.returncode}; expected 0 or 1")
    return time.perf_counter() - began, json.loads(done.stdout)


def case_rows(seconds: list[float], cases: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The figures of the cases; `silent` counts what must not fire."""
    ordered = sorted(seconds)
    middle = statistics.median(ordered)
    written = [each for each in cases if not each["generated"]]
    silent = [each for each in written if each["case"].startswith("silent_")]
    every = [each for each in cases if each["case"].startswith("silent_")]
    failed = [each for each in cases if each["result"] != "passed"]
    return [
        (
            "Detections, cases and boundaries",
            f"{len({each['slug'] for each in cases})}, {len(written):,} and"
            f" {len(cases) - len(written):,}",
        ),
        ("Of them failed", f"{len(failed)}"),
        (
            f"Wall time of `python -m lab test`, {len(ordered)} runs",
            f"median {middle:.1f} s ({ordered[0]:.1f} to {ordered[-1]:.1f} s)",
        ),
        ("Cases and boundaries a second", f"{len(cases) / middle:.0f}"),
        (
            "Silent share of the written cases, and of all",
            f"{share(len(silent), len(written))} and {share(len(every), len(cases))}",
        ),
    ]


def mutation_rows(seconds: float, found: dict[str, Any]) -> list[tuple[str, str]]:
    """The figures of `lab test --mutate`."""
    fates = [each["fate"] for score in found["detections"] for each in score["mutants"]]
    killed, survived = fates.count("killed"), fates.count("survived")
    return [
        (
            "Mutation score",
            f"{share(killed, killed + survived)} ({killed:,} of {killed + survived:,} mutants"
            f" killed, {fates.count('equivalent')} more equivalent), in {seconds:.0f} s",
        )
    ]


def share(part: int, whole: int) -> str:
    """`60 %`; a dash of nothing."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def figures(rows: list[tuple[str, str]]) -> str:
    """The block of docs/figures.md."""
    return (
        f"From `benchmarks/library.py`, Python {platform.python_version()}, 2 cores shared with"
        f" other work.\n\n{table(('Figure', 'Value'), rows)}"
    )


def main() -> int:
    """Exit code 1 when a case failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--mutate", action="store_true", help="the mutation score too: minutes")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/figures.md")
    chosen = parser.parse_args()
    timed = [output() for _ in range(max(chosen.runs, 1))]
    cases = timed[-1][1]
    rows = case_rows([seconds for seconds, _ in timed], cases)
    if chosen.mutate:
        rows += mutation_rows(*output("--mutate"))
    block = figures(rows)
    print(block)
    if chosen.write:
        page = ROOT / "docs" / "figures.md"
        content = with_block(page.read_text(encoding="utf-8"), "figures-library", block)
        page.write_text(content, encoding="utf-8")
    return 1 if any(each["result"] != "passed" for each in cases) else 0


if __name__ == "__main__":
    sys.exit(main())
