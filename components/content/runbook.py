"""How to answer each alert, as Markdown: the responses of the detections. Pure."""

from collections.abc import Iterable

from components.content.detection import Detection

HEADING = "## How to answer an alert"


def markdown(detections: Iterable[Detection]) -> str:
    """One section for each detection, in the order of how urgent they are."""
    ordered = sorted(detections, key=lambda each: (each.severity, each.name))
    return "\n\n".join([HEADING, *(_section(each) for each in ordered)])


def _section(found: Detection) -> str:
    doubts = "; ".join(text.rstrip(".") for text in found.false_positives) or "none known"
    return (
        f"### {found.name} (`{found.slug}`, Sev{found.severity})\n\n"
        f"{found.description} {found.response}\n\n"
        f"*May also be:* {doubts}."
    )
