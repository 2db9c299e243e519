"""`python -m lab <verb>`: results go to stdout, progress and complaints to stderr.

Exit codes: 0 all as expected, 1 something checked failed, 2 wrong usage or input.

A verb is a module of lab/verbs; only the one that is asked for is imported, so that `--help` and a
typing error answer at once.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from importlib import import_module
from typing import Any, Final

try:
    import typer
    from typer.core import TyperGroup
except ModuleNotFoundError as missing:
    sys.exit(
        f"this Python ({sys.executable}) has no {missing.name}; expected the one that `make lab`"
        " sets up: .venv/bin/python -m lab"
    )

from lab.host import interruption

INTERRUPTED = 130

VERBS: Final = {
    "rehearse": "Deploy the program, attack the app, and show which detections fire and which stay"
    " silent.",
    "replay": "Run recorded log rows through the stack's alert rules, on the logs' own clock.",
    "backtest": "Try thresholds and windows of a detection on recorded rows, and propose the best.",
    "test": "Run the cases of detections, and the boundary cases made from their heads.",
    "new": "Write the files of a new detection: head, query, cases, attack.",
    "record": "Make a case of the rows of the last rehearsal.",
    "explain": "Show how many rows are left after each step of a detection's query.",
    "check": "Check queries by Microsoft's parser, on empty tables and by lint, before Azure sees"
    " them.",
    "query": "Ask the rows of the last rehearsal, in KQL.",
    "list": "Show the detections with their thresholds, cases and attacks.",
    "cost": "Show what a stack would cost a month, and what to change to halve it.",
    "preflight": "Ask a subscription whether `pulumi up` of a stack may, can, and would reach"
    " somebody.",
    "lifecycle": "Try a stack's second day: each setting changed and back, cut off, destroyed, made"
    " again.",
    "export": "Write detections as Sentinel rules, as an ARM template, or as an ATT&CK Navigator"
    " layer.",
    "import": "Turn a rule of Microsoft Sentinel into a detection, and list what cannot be carried"
    " over.",
    "except": "Write an exception from alert rules into a stack's file: whose rows do not count,"
    " why, until when.",
    "coverage": "Show what is proven of the detections by their cases and by a rehearsal.",
    "judge": "Try somebody's own alert rule on the lab's attacks and ordinary days: what it"
    " catches and misses, whom it accuses, what it costs.",
    "noise": "Measure how often each detection fires on ordinary people alone.",
    "start": "Start the stand-in for Azure in the background; it stays until `stop`.",
    "stop": "End the background lab, with every process in it.",
    "status": "Show what is in the background lab: apps, resources, alerts.",
    "pulumi": "Run the Pulumi CLI with the lab as its Azure: lab pulumi [--cwd FOLDER] -- up.",
}
"""Each verb and what it does; `lab/verbs/<verb>.py` has its options and does it."""

_MODULES: Final = {"except": "except_", "import": "import_"}
"""Of verbs that are no name in Python."""

Command = Callable[..., int | None]
"""Gives the exit code; None is 0."""


class Verbs(TyperGroup):
    """Knows every verb by its name, and imports the one that is asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, _, rest = super().resolve_command(ctx, args)
        return name, _command(str(name)), rest


app = typer.Typer(
    cls=Verbs,
    help="Rehearse the monitoring of a web login on a stand-in for Azure, on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _verb, _sentence in VERBS.items():
    app.command(_verb, help=_sentence)(lambda: None)


def _command(verb: str) -> Any:
    """The verb with its options, out of its own module."""
    with refusals():
        module = import_module(f"lab.verbs.{_MODULES.get(verb, verb)}")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    settings = getattr(module, "CONTEXT_SETTINGS", None)
    alone.command(verb, help=VERBS[verb], context_settings=settings)(_ended(module.command))
    return typer.main.get_command(alone)


def _ended(command: Command) -> Callable[..., None]:
    """A command whose result is the exit code, and whose refusals are messages."""

    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        with refusals():
            code = command(*arguments, **options)
        raise typer.Exit(code or 0)

    return run


@contextmanager
def refusals() -> Iterator[None]:
    """A person's mistake becomes a message and an exit code, never a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(_interrupted()) from None
    except BrokenPipeError:
        raise  # who reads has seen enough, as `head` has: nobody to tell
    except Exception as error:
        # DuckDB makes an error of its own out of a Ctrl-C that meets a running query.
        is_interrupted = interruption.exit_code() is not None
        code = _interrupted() if is_interrupted else _refused(error)
        raise typer.Exit(code) from None


def _interrupted() -> int:
    """Says what was stopped, when all that it had started is ended."""
    from lab.report import voice
    from lab.verbs import progress

    stage = progress.stage()
    with suppress(OSError):  # the terminal may be what has gone
        voice.note(f"interrupted{stage and f' while {stage}'}; nothing is left running", "yellow")
    return interruption.exit_code() or INTERRUPTED


def _refused(error: Exception) -> int:
    """Says what is wrong; an error of our own is raised again."""
    from lab.report import voice
    from lab.verbs import refusal

    found = refusal.answer(error)
    if found is None:
        raise error
    message, code = found
    voice.complain(message)
    return code


def main() -> None:
    """A termination ends the run as Ctrl-C does: what was started is ended first."""
    interruption.listen()
    app()


if __name__ == "__main__":
    main()
