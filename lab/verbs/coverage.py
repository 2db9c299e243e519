"""`lab coverage`: what is proven of each detection; kept in docs/coverage.json."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from components.content import attack_coverage, detection
from components.content.attack_coverage import CELLS, PROOF, Proof, ProofError
from components.content.detection import Detection
from lab.trial import case_run, coverage


def run(slugs: list[str], report: Path, *, out: Console, record: Path = PROOF) -> bool:
    """Runs the cases, takes in the rehearsal's verdict, writes the record; whether cases hold."""
    chosen = detection.choose(slugs or "all")
    verdict, day = _read(report)
    proofs = attack_coverage.read(record)
    results = case_run.run([each.slug for each in chosen])
    for found in chosen:
        proof = coverage.of_cases(found, results, proofs.get(found.slug))
        proofs[found.slug] = coverage.of_rehearsal(found, verdict, day, proof)
    known = detection.load_all()
    proofs = {slug: proofs[slug] for slug in sorted(proofs) if slug in known}
    written = {"detections": {slug: asdict(proof) for slug, proof in proofs.items()}}
    record.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    _show(chosen, proofs, out)
    if not verdict:
        out.print(
            f"{report / 'report.json'} is missing: nothing new of a rehearsal; expected what"
            f" `python -m lab rehearse --report {report}` writes, then this again",
            style="dim",
            highlight=False,
            soft_wrap=True,
        )
    out.print(f"written: {record}; `make docs` shows it", highlight=False, soft_wrap=True)
    return all(each.passed for each in results)


def _read(folder: Path) -> tuple[dict[str, Any], date]:
    path = folder / "report.json"
    if not path.exists():
        return {}, date.min
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ProofError(f"{path} is not JSON; expected the report of a rehearsal") from error
    if not isinstance(found, dict) or "digests" not in found:
        raise ProofError(f"{path} has no digests; expected what `lab rehearse --report` writes")
    return found, datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def _show(chosen: list[Detection], proofs: dict[str, Proof], out: Console) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("detection", overflow="fold", min_width=28)
    for heading in CELLS:
        table.add_column(heading)
    for found in chosen:
        standing = attack_coverage.cells(found, proofs[found.slug])
        table.add_row(found.slug, *("yes" if each in standing else "-" for each in CELLS))
    out.print(table)
