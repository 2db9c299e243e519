"""`lab cost`: the bill of a stack, before there is one."""

import json
import tempfile
from pathlib import Path
from typing import Literal

from rich.console import Console

from components.content.places import ROOT
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.clock.clock import Clock
from lab.cost import log_volume, price_list, show, tighter
from lab.cost.estimate import estimate
from lab.cost.log_volume import LogVolume
from lab.cost.record import record
from lab.cost.usage import Usage
from lab.engine.deploy_error import SetUpError
from lab.engine.in_process import deploy
from lab.rehearsal.rehearsal import START
from lab.verbs import stacks

REPORT = "report.json"
USUAL = ROOT / ".lab" / "report"
"""Where `make lab` leaves its report."""

Form = Literal["table", "json", "markdown"]


def form(as_json: bool, as_markdown: bool) -> Form:
    """What the options ask for; SetUpError for two at once."""
    if as_json and as_markdown:
        raise SetUpError("--json and --markdown exclude each other; expected one of them")
    return "json" if as_json else "markdown" if as_markdown else "table"


def run(stack: str, usage: Usage, form: Form, report: Path | None, *, out: Console) -> None:
    """Shows what the stack costs a month; nothing is created anywhere but in memory."""
    stacks.refuse_unknown(stack)
    volume = measured(report)
    with tempfile.TemporaryDirectory() as scratch:
        resources = deployed(stack, Path(scratch))
    found = estimate(resources, usage, volume, price_list.load())
    ideas = tighter.suggestions(found)
    if form == "table":
        show.terminal(stack, found, ideas, out)
    elif form == "json":
        print(json.dumps(record(stack, found, ideas), indent=2, ensure_ascii=False), file=out.file)
    else:
        print(show.markdown(stack, found, ideas), end="", file=out.file)


def measured(report: Path | None) -> LogVolume:
    """From the report that was asked for, else the last one of `make lab`, else as shipped."""
    if report is not None:
        return log_volume.of_report(report / REPORT)
    if (USUAL / REPORT).exists():
        try:
            return log_volume.of_report(USUAL / REPORT)
        except SetUpError:
            return log_volume.shipped()  # nobody asked for that report; it may be an old one
    return log_volume.shipped()


def deployed(stack: str, scratch: Path) -> list[Resource]:
    """What the program registers for the stack; no app runs."""
    with Azure(Clock(START), state_dir=scratch, run_apps=False) as azure:
        return deploy(ROOT, stack, azure).resources
