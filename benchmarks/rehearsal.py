"""Measures the rehearsal: several runs after set-up, medians, written into docs/figures.md.

`python benchmarks/rehearsal.py [--runs N] [--write]`: every figure is read from the report.json of
a run; the wall time is that of the whole command.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from docs.generate import table, with_block  # noqa: E402 the path comes first


def measured(folder: Path, engine: str) -> dict[str, Any]:
    """One rehearsal: its report, and the seconds that the command took."""
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 our own command
        [
            *(sys.executable, "-m", "lab", "rehearse"),
            *("--engine", engine, "--report", str(folder)),
        ],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    report["command_s"] = time.perf_counter() - began
    return report


def figures(reports: list[dict[str, Any]]) -> str:
    """Two tables: the run as a whole, and the latency of each detection."""
    last = reports[-1]
    # A rule with an attack class as a dimension fires several times; its first alert counts.
    first = {row["slug"]: row for row in reversed(last["alerts"]) if row["scenario"] == row["slug"]}
    found = last["figures"]
    wall = sorted(report["command_s"] for report in reports)
    whole = table(
        ("Figure", "Value"),
        [
            (
                f"Wall time of `python -m lab rehearse --engine {last['engine']}` after set-up, "
                f"{len(wall)} runs",
                f"median {statistics.median(wall):.0f} s ({wall[0]:.0f} to {wall[-1]:.0f} s)",
            ),
            ("Lab time of a run", f"{found['virtual_s'] / 60:.0f} min, 60 of them with traffic"),
            (
                "Requests",
                f"{found['requests']:,} ({found['ordinary_requests']:,} ordinary, "
                f"{found['attack_requests']:,} of attackers)",
            ),
            ("Log rows", f"{found['rows']:,}"),
            ("False alerts on the ordinary requests", str(len(last["false_alerts"]))),
        ],
    )
    latency = table(
        ("Detection", "Crossing event to alert", "to delivered message", "least possible"),
        [
            (f"`{row['slug']}`", *(f"{row[key]:.0f} s" for key in KEYS))
            for _, row in sorted(first.items())
            if row["latency_s"] is not None
        ],
    )
    machine = f"Python {platform.python_version()}, 2 cores shared with other work."
    return (
        f"From `benchmarks/rehearsal.py`, {machine} Latencies are lab time; the least possible is\n"
        "the ingestion delay of 3 minutes, then the wait for the rule's next evaluation.\n\n"
        f"{whole}\n\n{latency}"
    )


KEYS = ("latency_s", "delivery_s", "least_s")


def main() -> int:
    """Exit code 1 when a rehearsal failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--engine", choices=("inprocess", "pulumi"), default="inprocess")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/figures.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            runs = range(chosen.runs + 1)  # the first one warms up and is not counted
            reports = [measured(Path(scratch), chosen.engine) for _ in runs][1:]
        except subprocess.CalledProcessError as error:
            print(f"the rehearsal failed with exit code {error.returncode}", file=sys.stderr)
            return 1
    block = figures(reports)
    print(block)
    if chosen.write:
        page = ROOT / "docs" / "figures.md"
        content = with_block(page.read_text(encoding="utf-8"), "figures", block)
        page.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
