"""`lab cost`: the bill of a stack, before there is one."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.azure.core.resource import Resource
from lab.cost import log_volume, price_list, savings, show
from lab.cost.estimate import estimate
from lab.cost.log_volume import LogVolume
from lab.cost.record import record
from lab.cost.usage import Usage, expected
from lab.engine.in_process import deploy
from lab.engine.throwaway import throwaway
from lab.host.lab_folder import lab_folder
from lab.report import voice
from lab.verbs import stacks
from lab.verbs.options import Json, Stack

REPORT = "report.json"
Form = Literal["table", "json", "markdown"]


def command(
    stack: Stack = "dev",
    as_json: Json = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="For a pull request.")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder of the rehearsal that measured.")
    ] = None,
    users: Annotated[int, typer.Option(help="People who sign in.")] = 200,
    sign_ins: Annotated[float | None, typer.Option(help="A day; 2 for each user.")] = None,
    requests: Annotated[float | None, typer.Option(help="A day; 12 for each sign-in.")] = None,
    alerts: Annotated[int, typer.Option(help="A month.")] = 30,
    series: Annotated[
        int, typer.Option(help="Addresses or accounts that a rule watches at a usual moment.")
    ] = 3,
) -> None:
    """Whatever the options leave open is the usual use of a small app."""
    usage = expected(
        users,
        sign_ins_a_day=sign_ins,
        requests_a_day=requests,
        alerts_a_month=alerts,
        series=series,
    )
    run(stack, usage, form(as_json, as_markdown), report)


def form(as_json: bool, as_markdown: bool) -> Form:
    """What the options ask for; RefusedError for two at once."""
    if as_json and as_markdown:
        raise RefusedError.of("--json and --markdown exclude each other", "expected one of them")
    return "json" if as_json else "markdown" if as_markdown else "table"


def run(stack: str, usage: Usage, form: Form, report: Path | None) -> None:
    """Shows what the stack costs a month; nothing is created anywhere but in memory."""
    stacks.refuse_unknown(stack)
    volume = measured(report)
    resources = deployed(stack)
    bill = estimate(resources, usage, volume, price_list.load())
    ideas = savings.suggestions(bill)
    if form == "table":
        show.terminal(stack, bill, ideas, voice.out)
    elif form == "json":
        voice.give(json.dumps(record(stack, bill, ideas), indent=2, ensure_ascii=False))
    else:
        voice.give(show.markdown(stack, bill, ideas).removesuffix("\n"))


def measured(report: Path | None) -> LogVolume:
    """From the report that was asked for, else the last one of `make lab`, else as shipped."""
    if report is not None:
        return log_volume.of_report(report / REPORT)
    usual = lab_folder() / "report" / REPORT
    if usual.exists():
        try:
            return log_volume.of_report(usual)
        except RefusedError:
            return log_volume.shipped()  # nobody asked for that report; it may be an old one
    return log_volume.shipped()


def deployed(stack: str) -> list[Resource]:
    """What the program registers for the stack."""
    with throwaway() as azure:
        return deploy(ROOT, stack, azure).resources
