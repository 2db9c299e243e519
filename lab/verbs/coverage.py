"""`lab coverage`: what is proven of each detection, by its cases and by a rehearsal."""

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from components.content import attack_coverage, detection
from components.content.attack_coverage import CELLS, PROOF, Proof
from components.content.detection import Detection
from components.limits.refusal import RefusedError
from lab.host.lab_folder import lab_folder
from lab.report import voice
from lab.trial import case_run, coverage
from lab.verbs.exit_code import FAILED, PASSED
from lab.verbs.options import Slugs


def command(
    slugs: Slugs = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Folder of the rehearsal that is the proof; .lab/report."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Write docs/coverage.json, for the pages of docs/.")
    ] = False,
) -> int:
    """Whether the cases hold."""
    held = run(slugs or [], report or lab_folder() / "report", PROOF if record else None)
    return PASSED if held else FAILED


def run(slugs: list[str], report: Path, record: Path | None = None) -> bool:
    """Runs the cases and takes in the rehearsal's verdict; writes the record where there is one."""
    chosen = detection.choose(slugs or "all")
    verdict, day = _read(report)
    proofs = attack_coverage.read(record or PROOF)
    results = case_run.run([each.slug for each in chosen])
    for one in chosen:
        proof = coverage.of_cases(one, results, proofs.get(one.slug))
        proofs[one.slug] = coverage.of_rehearsal(one, verdict, day, proof)
    _show(chosen, proofs)
    if not verdict:
        voice.say(
            f"{report / 'report.json'} is missing: nothing new of a rehearsal; expected what"
            f" `python -m lab rehearse --report {report}` writes, then this again",
            "dim",
        )
    if record is not None:
        _write(proofs, record)
        voice.say(f"written: {record}; `make docs` shows it")
    return all(result.passed for result in results)


def _write(proofs: dict[str, Proof], record: Path) -> None:
    known = detection.load_all()
    written = {slug: asdict(proofs[slug]) for slug in sorted(proofs) if slug in known}
    record.write_text(json.dumps({"detections": written}, indent=2) + "\n", encoding="utf-8")


def _read(folder: Path) -> tuple[dict[str, Any], date]:
    path = folder / "report.json"
    if not path.exists():
        return {}, date.min
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RefusedError.of(
            f"{path} is not JSON", "expected the report of a rehearsal"
        ) from error
    if not isinstance(found, dict) or "digests" not in found:
        raise RefusedError.of(
            f"{path} has no digests", "expected what `lab rehearse --report` writes"
        )
    return found, datetime.fromtimestamp(path.stat().st_mtime, UTC).date()


def _show(chosen: list[Detection], proofs: dict[str, Proof]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("detection", no_wrap=True)
    for heading in CELLS:
        table.add_column(heading)
    for one in chosen:
        standing = attack_coverage.cells(one, proofs[one.slug])
        table.add_row(one.slug, *("yes" if cell in standing else "-" for cell in CELLS))
    voice.show(table)
