"""`lab test`: the cases of detections, with the boundaries made from their heads."""

from rich.console import Console


def run(slugs: list[str], *, out: Console) -> bool:
    """Whether every case did what its name says."""
    from lab import cases

    results = cases.run(slugs)
    for result in results:
        if not result.passed:
            out.print(f"fail {result.slug} {result.name}: {result.reason}", highlight=False)
    failed = sum(not result.passed for result in results)
    out.print(f"{len(results) - failed} passed, {failed} failed", highlight=False)
    return not failed
