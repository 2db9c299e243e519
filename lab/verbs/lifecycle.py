"""`lab lifecycle`: a stack's second day, before it has one."""

import json
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from typing import Annotated, Literal

import typer

from components.limits.refusal import RefusedError, nearest
from lab.engine import pulumi_cli
from lab.host.lab_folder import lab_folder
from lab.lifecycle import show
from lab.lifecycle.lifecycle import Lifecycle, Options
from lab.lifecycle.older_program import older_program
from lab.lifecycle.result import Lifetime
from lab.rehearsal import run_folder
from lab.report import voice
from lab.verbs import progress, stacks
from lab.verbs.exit_code import FAILED, PASSED
from lab.verbs.options import Json, Stack

Engine = Literal["inprocess", "pulumi"]


def command(
    stack: Stack = "dev",
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only this step, or this setting, after the first `up`; repeatable."),
    ] = None,
    start_from: Annotated[
        str | None,
        typer.Option("--from", help="Commit or tag from which the stack is upgraded to here."),
    ] = None,
    faults: Annotated[
        bool, typer.Option("--faults", help="Azure's own faults, too, each injected by itself.")
    ] = False,
    engine: Annotated[
        Engine | None, typer.Option(help="What runs the program; pulumi where it is on PATH.")
    ] = None,
    as_json: Json = False,
) -> int:
    """1 when a step fails."""
    stacks.refuse_unknown(stack)
    if engine == "pulumi":
        pulumi_cli.refuse_missing()
    found = engine or ("pulumi" if pulumi_cli.is_installed() else "inprocess")
    options = Options(stack=stack, engine=found, only=tuple(only or ()), faults=faults)
    life = run(options, start_from)
    if as_json:
        voice.give(json.dumps(life.as_json(), indent=2, ensure_ascii=False))
    else:
        show.show(life)
    return PASSED if life.passed else FAILED


def run(options: Options, start_from: str | None = None) -> Lifetime:
    """One life, in a folder of its own."""
    with ExitStack() as ending:
        folder = ending.enter_context(run_folder.fresh(lab_folder() / "lifecycle"))
        older = ending.enter_context(older_program(start_from) if start_from else nullcontext())
        tell = ending.enter_context(progress.shown())
        chosen = replace(options, state=folder, start_from=older, progress=tell)
        life = ending.enter_context(Lifecycle(chosen))
        _refuse_unknown(options.only, life.names())
        found = life.run()
        run_folder.finish(folder)
    return found


def _refuse_unknown(only: Sequence[str], known: Sequence[str]) -> None:
    for name in only:
        if name not in known:
            raise RefusedError.of(f"step {name!r} is unknown", nearest(name, known))
