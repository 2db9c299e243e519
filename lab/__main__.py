"""`python -m lab <verb>`: results go to stdout, progress and complaints to stderr.

Exit codes: 0 all as expected, 1 something checked failed, 2 wrong usage or input.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from lab.host import interruption

FAILED = 1
WRONG = 2
INTERRUPTED = 130

out = Console()
err = Console(stderr=True)
app = typer.Typer(
    help="Rehearse the monitoring of a web login on a stand-in for Azure, on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Slugs = Annotated[list[str] | None, typer.Argument(help="Detections; all by default.")]
Report = Annotated[
    Path | None, typer.Option("--report", help="Folder for report.html and report.json.")
]
Stack = Annotated[str, typer.Option("--stack", "-s", help="Pulumi.<stack>.yaml to use.")]
Delay = Annotated[
    float, typer.Option(min=0, max=120, help="Minutes until a log row can be queried.")
]


Engine = Literal["inprocess", "pulumi"]
Form = Literal["sentinel", "arm", "navigator"]


@contextmanager
def refusals() -> Iterator[None]:
    """A person's mistake becomes a message and an exit code, never a traceback.

    Verbs are imported inside, when they run: `--help` and a typing error answer at once.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(interruption.exit_code() or INTERRUPTED) from None
    except Exception as error:
        # DuckDB makes an error of its own out of a Ctrl-C that meets a running query.
        code = interruption.exit_code()
        if code is None:
            code = _refused(error)
        raise typer.Exit(code) from None


def _refused(error: Exception) -> int:
    """Says what is wrong; an error of our own is raised again."""
    from lab.report.plain_text import plain
    from lab.verbs import refusal

    found = refusal.answer(error)
    if found is None:
        raise error
    message, code = found
    err.print(plain(message, "red"), soft_wrap=True)
    return code


@app.command()
def rehearse(
    only: Annotated[
        list[str] | None, typer.Option(help="Only this detection and its attack; repeatable.")
    ] = None,
    hours: Annotated[float, typer.Option(min=0.5, max=48, help="Lab hours of traffic.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same verdict.")] = 0,
    report: Report = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything up until Ctrl-C.")] = False,
    stack: Stack = "local",
    engine: Annotated[
        Engine | None, typer.Option(help="What runs the program; pulumi where it is on PATH.")
    ] = None,
    ingestion_delay: Delay = 3.0,
) -> None:
    """Deploy the program, attack the app, and show which detections fire and which stay silent."""
    with refusals():
        from lab.verbs import rehearse as verb

        passed = verb.run(
            only=tuple(only or ()),
            hours=hours,
            seed=seed,
            report=report,
            keep=keep,
            stack=stack,
            engine=engine,
            ingestion_delay=timedelta(minutes=ingestion_delay),
            out=out,
            err=err,
        )
    raise typer.Exit(0 if passed else FAILED)


@app.command()
def replay(
    logs: Annotated[Path, typer.Argument(help="JSON lines with _table and TimeGenerated.")],
    report: Report = None,
    stack: Stack = "local",
    ingestion_delay: Delay = 3.0,
) -> None:
    """Run recorded log rows through the stack's alert rules, on the logs' own clock."""
    with refusals():
        from lab.verbs import replay as verb

        clean = verb.run(logs, report, stack, timedelta(minutes=ingestion_delay), out=out, err=err)
    raise typer.Exit(0 if clean else WRONG)


@app.command()
def backtest(
    slug: Annotated[str, typer.Argument(help="The detection.")],
    logs: Annotated[Path, typer.Argument(help="JSON lines, as `lab replay` takes them.")],
    threshold: Annotated[str, typer.Option(help="A..B, both included; or one value.")],
    step: Annotated[float | None, typer.Option(help="From one threshold to the next.")] = None,
    window: Annotated[str, typer.Option(help="PT30M,PT1H,…; the detection's by default.")] = "",
    attacks: Annotated[
        Path | None, typer.Option(help="Known attacks: a list of from, to, label (and names).")
    ] = None,
    alerts_a_day: Annotated[
        float, typer.Option(min=0, help="What somebody will look at, where there are no labels.")
    ] = 1.0,
    plot: Annotated[Path | None, typer.Option(help="HTML file for the curves.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    ingestion_delay: Delay = 3.0,
) -> None:
    """Try thresholds and windows of a detection on recorded rows, and propose the best."""
    with refusals():
        from lab.verbs import backtest as verb

        clean = verb.run(
            slug,
            logs,
            threshold=threshold,
            step=step,
            window=window,
            attacks=attacks,
            affordable=alerts_a_day,
            plot=plot,
            as_json=as_json,
            ingestion_delay=timedelta(minutes=ingestion_delay),
            out=out,
            err=err,
        )
    raise typer.Exit(0 if clean else WRONG)


@app.command("test")
def run_cases(
    slugs: Slugs = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Try changed rules: does a case notice each?")
    ] = False,
    changed: Annotated[
        bool, typer.Option("--changed", help="Only what is different from where main was left.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Run the cases of detections, and the boundary cases made from their heads."""
    with refusals():
        if mutate:
            from lab.verbs import mutate as mutation

            code = mutation.run(slugs or [], changed=changed, as_json=as_json, out=out, err=err)
        else:
            from lab.verbs import test as verb

            code = verb.run(slugs or [], changed=changed, as_json=as_json, out=out)
    raise typer.Exit(code)


@app.command()
def new(
    slug: Annotated[str, typer.Argument(help="<subject>_<behaviour>, in small letters.")],
    from_: Annotated[str | None, typer.Option("--from", help="A detection to begin from.")] = None,
) -> None:
    """Write the files of a new detection: head, query, cases, attack."""
    with refusals():
        from lab.verbs import new as verb

        verb.run(slug, from_, out=out)


@app.command()
def record(
    slug: Annotated[str, typer.Argument(help="The detection.")],
    name: Annotated[
        str | None, typer.Option(help="A sentence for the file's name, in small letters.")
    ] = None,
    fires: Annotated[
        bool | None,
        typer.Option("--fires/--silent", help="What the rows must do; by default what they do."),
    ] = None,
) -> None:
    """Make a case of the rows of the last rehearsal."""
    with refusals():
        from lab.verbs import record as verb

        verb.run(slug, name, fires, out=out)


@app.command()
def explain(
    slug: Annotated[str, typer.Argument(help="The detection.")],
    case: Annotated[
        str | None, typer.Option(help="A case by its file's name, or boundary:<name>.")
    ] = None,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="The rows of the last rehearsal instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Show how many rows are left after each step of a detection's query."""
    with refusals():
        from lab.verbs import explain as verb

        verb.run(slug, case, rehearsal, as_json, out=out)


@app.command()
def check(
    slugs: Annotated[
        list[str] | None, typer.Argument(help="Queries by their slugs; all by default.")
    ] = None,
    form: Annotated[
        Literal["text", "json", "sarif", "junit"],
        typer.Option("--format", help="For people, or for programs."),
    ] = "text",
    output: Annotated[
        Path | None, typer.Option(help="File for the report; standard output by default.")
    ] = None,
) -> None:
    """Check queries by Microsoft's parser, on empty tables and by lint, before Azure sees them."""
    with refusals():
        from lab.verbs import check as verb

        code = verb.run(slugs or [], form, output, out=out, err=err)
    raise typer.Exit(code)


@app.command()
def query(
    kql: Annotated[str, typer.Argument(help="A KQL query; '-' reads standard input.")],
) -> None:
    """Ask the rows of the last rehearsal, in KQL."""
    with refusals():
        from lab.verbs import query as verb

        verb.run(sys.stdin.read() if kql == "-" else kql, out=out)


@app.command("list")
def list_() -> None:
    """Show the detections with their thresholds, cases and attacks."""
    with refusals():
        from lab.verbs import list as verb

        verb.run(out=out)


@app.command()
def cost(
    stack: Stack = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
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
    """Show what a stack would cost a month, and what to change to halve it."""
    with refusals():
        from lab.cost import usage
        from lab.verbs import cost as verb

        use = usage.expected(
            users,
            sign_ins_a_day=sign_ins,
            requests_a_day=requests,
            alerts_a_month=alerts,
            series=series,
        )
        verb.run(stack, use, verb.form(as_json, as_markdown), report, out=out)


@app.command()
def preflight(
    stack: Stack = "dev",
    subscription: Annotated[
        str | None, typer.Option(help="Its id; ARM_SUBSCRIPTION_ID by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Ask a subscription whether `pulumi up` of a stack may, can, and would reach somebody."""
    with refusals():
        from lab.verbs import preflight as verb

        passed = verb.run(stack, subscription, as_json, out=out)
    raise typer.Exit(0 if passed else FAILED)


@app.command()
def export(
    form: Annotated[Form, typer.Argument(help="What the files are for.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made where there is none.")],
    slugs: Slugs = None,
    stack: Annotated[
        str, typer.Option("--stack", "-s", help="Whose rules arm exports, its overrides included.")
    ] = "local",
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite files that no export wrote.")
    ] = False,
) -> None:
    """Write detections as Sentinel rules, as an ARM template, or as an ATT&CK Navigator layer."""
    with refusals():
        from lab.verbs import export as verb

        verb.run(form, folder, slugs or [], stack=stack, replace=replace, out=out)


@app.command("import")
def import_(
    form: Annotated[Literal["sentinel"], typer.Argument(help="What the file is.")],
    file: Annotated[Path, typer.Argument(help="An analytics rule in YAML.")],
    slug: Annotated[str, typer.Option(help="Name of the detection; from the rule's name.")] = "",
) -> None:
    """Turn a rule of Microsoft Sentinel into a detection, and list what cannot be carried over."""
    with refusals():
        from lab.verbs import import_ as verb

        verb.run(file, slug, out=out)


@app.command()
def coverage(
    slugs: Slugs = None,
    report: Annotated[
        Path, typer.Option("--report", help="Folder of the rehearsal that is the proof.")
    ] = Path(".lab/report"),
) -> None:
    """Record what is proven of the detections by their cases and by a rehearsal, for the docs."""
    with refusals():
        from lab.verbs import coverage as verb

        held = verb.run(slugs or [], report, out=out)
    raise typer.Exit(0 if held else FAILED)


@app.command()
def noise(
    hours: Annotated[float, typer.Option(min=0.5, max=72, help="Lab hours of people.")] = 24.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 0,
) -> None:
    """Measure how often each detection fires on ordinary people alone, for the docs."""
    with refusals():
        from lab.verbs import noise as verb

        verb.run(hours, seed, out=out, err=err)


@app.command()
def start(
    speed: Annotated[float, typer.Option(min=0.01, help="Lab seconds in a real second.")] = 1.0,
) -> None:
    """Start the stand-in for Azure in the background; it stays until `stop`."""
    with refusals():
        from lab.verbs import start as verb

        verb.run(speed, out=out)


@app.command()
def stop() -> None:
    """End the background lab, with every process in it."""
    with refusals():
        from lab.verbs import stop as verb

        verb.run(out=out)


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Show what is in the background lab: apps, resources, alerts."""
    with refusals():
        from lab.verbs import status as verb

        verb.run(as_json, out=out)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def pulumi(context: typer.Context) -> None:
    """Run the Pulumi CLI with the lab as its Azure: lab pulumi [--cwd FOLDER] -- up."""
    with refusals():
        from lab.verbs import pulumi as verb

        verb.run(context.args)


def main() -> None:
    """A termination ends the run as Ctrl-C does: what was started is ended first."""
    interruption.listen()
    app()


if __name__ == "__main__":
    main()
