"""The times of detections over many log rows, as docs/figures.md shows them."""

import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from docs.generate import table

THREADS = 2


@dataclass(frozen=True)
class Timing:
    """Seconds of one detection over one number of rows; None where it did not end in time."""

    slug: str
    rows: int
    seconds: float | None
    by_hand: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        if self.seconds is None or not self.by_hand:
            return None
        return self.seconds / self.by_hand


def shown(timing: Timing) -> str:
    seconds = "-" if timing.seconds is None else f"{timing.seconds:.2f} s"
    hand = "" if timing.by_hand is None else f", by hand {timing.by_hand:.2f} s"
    ratio = "" if timing.ratio is None else f", ratio {timing.ratio:.2f}"
    return f"  {timing.slug}: {seconds}{hand}{ratio} {timing.note}".rstrip()


def figures(timings: Sequence[Timing]) -> str:
    """The block of docs/figures.md: the library as a whole, then the five with SQL by hand."""
    sizes = sorted({each.rows for each in timings})
    totals = {
        size: sum(each.seconds or 0.0 for each in timings if each.rows == size) for size in sizes
    }
    missing = {
        size: [each.slug for each in timings if each.rows == size and each.seconds is None]
        for size in sizes
    }
    count = len(timings) // len(sizes)
    rows = []
    for size in sizes:
        late = f"; without {', '.join(missing[size])}" if missing[size] else ""
        what = f"The library once over {size:,} log rows ({count} detections)"
        rows.append((what, f"{totals[size]:.0f} s{late}"))
    if len(sizes) > 1 and totals[sizes[0]]:
        growth = totals[sizes[-1]] / totals[sizes[0]]
        times = sizes[-1] / sizes[0]
        rows.append((f"Growth, for {times:g} times the rows", f"{growth:.1f} times the time"))
    ratios = [each.ratio for each in timings if each.ratio is not None]
    if ratios:
        worst = max(ratios)
        middle = statistics.median(ratios)
        rows.append(("Against SQL by hand", f"median ratio {middle:.1f}, worst {worst:.1f}"))
    hand = table(
        ("Detection", "Rows", "The query", "SQL by hand", "Ratio"),
        [
            (
                f"`{each.slug}`",
                f"{each.rows:,}",
                f"{each.seconds:.2f} s",
                f"{each.by_hand:.2f} s",
                f"{each.ratio:.1f}",
            )
            for each in sorted(timings, key=lambda each: (each.slug, each.rows))
            if each.ratio is not None and each.seconds is not None and each.by_hand is not None
        ],
    )
    machine = f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {THREADS} cores"
    return (
        f"From `benchmarks/scale.py`, {machine} shared with other work. Every detection sees all "
        "rows\nat once; the SQL by hand finds the same alerts.\n\n"
        f"{table(('Figure', 'Value'), rows)}\n\n{hand}"
    )
