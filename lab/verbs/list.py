"""`lab list`: the detections and what belongs to each."""

from rich.table import Table

from components.content import detection
from components.content.detection import Detection
from components.content.places import ROOT
from components.limits.alert_rule import in_words
from components.limits.refusal import RefusedError
from lab.play import faults
from lab.report import voice
from lab.verdict.comparison import SIGNS
from traffic import catalogue


def command() -> None:
    """One line a detection: when it fires, for whom, its cases, and what makes it fire.

    RefusedError at the end, with every file that cannot be read; the others are shown.
    """
    table = Table(box=None, pad_edge=False)
    table.add_column("detection", no_wrap=True)
    for heading in ("sev", "fires when", "cases", "proof"):
        table.add_column(heading, overflow="fold")
    readable, problems = detection.load_readable()
    for slug, found in readable.items():
        cases = [path.name for path in (ROOT / "tests" / "detections" / slug).glob("*")]
        fires = sum(name.startswith(("fires_", "measures_")) for name in cases)
        silent = sum(name.startswith("silent_") for name in cases)
        measure = found.measure_column or "rows"
        table.add_row(
            slug,
            str(found.severity),
            "\n".join(
                [
                    f"{measure} {SIGNS[found.operator]} {_threshold(found)}",
                    f"in {in_words(found.window)}",
                    *(f"for each {column}" for column in found.dimensions),
                ]
            ),
            f"{fires}+{silent}",
            _proof(found),
        )
    voice.show(table)
    voice.say("cases: those that must fire + those that must stay silent", "dim")
    voice.say("proof: what makes it fire in a rehearsal; nothing can, what Azure learns", "dim")
    if problems:
        raise RefusedError(*problems)


def _threshold(found: Detection) -> str:
    return "learned" if found.threshold is None else f"{found.threshold:g}"


def _proof(found: Detection) -> str:
    if found.is_dynamic:
        return "none"
    if found.slug in faults.slugs():
        return "fault"
    return "attack" if found.slug in catalogue.attack_slugs() else "missing"
