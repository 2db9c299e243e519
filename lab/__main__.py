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

from lab import interruption

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


@app.command("test")
def run_cases(slugs: Slugs = None) -> None:
    """Run the cases of detections, and the boundary cases made from their heads."""
    with refusals():
        from lab.verbs import test as verb

        passed = verb.run(slugs or [], out=out)
    raise typer.Exit(0 if passed else FAILED)


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
    """Run the Pulumi CLI with the lab as its Azure: lab pulumi -- up."""
    with refusals():
        from lab.verbs import pulumi as verb

        verb.run(context.args)


def main() -> None:
    """A termination ends the run as Ctrl-C does: what was started is ended first."""
    interruption.listen()
    app()


if __name__ == "__main__":
    main()
