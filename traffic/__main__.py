"""`python -m traffic URL`: attacks and ordinary users for an app on this machine, or one's own."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from components.limits.refusal import RefusedError
from traffic import addresses, catalogue, ordinary, people, summary, target, user_agents
from traffic.driver import Driver
from traffic.people import Person
from traffic.playback import Playback
from traffic.scenario import Scenario
from traffic.visitor import Visitor

LAB_TOKEN_VARIABLE = "LOGIN_MONITOR_LAB_TOKEN"  # noqa: S105 (the name of a variable)
FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
_WIDTH_OF_A_FILE = 120
_OWNER = Visitor("owner", addresses.UPTIME_MONITOR, user_agents.DESKTOP[0])
"""Who looks for the sign-in page before anybody comes."""

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@cli.command()
def traffic(
    url: Annotated[
        str, typer.Argument(help="Base URL of the app, such as http://127.0.0.1:8000.")
    ] = "",
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="Scenario to send; repeat for more. `attacks`, `ordinary`: all of them."),
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="List the scenarios and end.")] = False,
    seed: Annotated[int, typer.Option(help="Same seed, same traffic.")] = 1,
    hours: Annotated[
        float, typer.Option(min=0.01, max=24, help="Length of the ordinary traffic.")
    ] = 1.0,
    speed: Annotated[
        float,
        typer.Option(
            min=0.1, max=3600, help="Times faster than real time; limits in the app keep theirs."
        ),
    ] = 1.0,
    people_file: Annotated[
        Path | None,
        typer.Option("--people", help="JSON file, username to password, of accounts in the app."),
    ] = None,
    owned: Annotated[
        bool, typer.Option(target.OWNERSHIP, help="Allow a target that is not this machine.")
    ] = False,
) -> None:
    """Send ordinary users or attacks to a login app, at the pace of the clock."""
    names = scenario or [catalogue.ALL_ORDINARY]
    try:
        known = people.read(people_file) if people_file else None
        accounts = known or people.population(seed, ordinary.PEOPLE)
        if show_list:
            _print(summary.catalogue(catalogue.choose(catalogue.GROUPS, seed, accounts, hours)))
            return
        base_url = target.check(url, owned=owned)
        chosen = catalogue.choose(names, seed, accounts, hours)
        target.reach(base_url)
    except RefusedError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.exit_code) from None
    # The token is for the front end on this machine and for nobody else.
    loopback = target.is_loopback(target.host(base_url))
    token = os.environ.get(LAB_TOKEN_VARIABLE) if loopback else None
    if known is None:
        _warn_about_made_up_people(chosen, accounts)
    if token is None:
        _warn_about_addresses(chosen)
    raise typer.Exit(_send(base_url, token, chosen, speed))


def _send(base_url: str, token: str | None, chosen: Sequence[Scenario], speed: float) -> int:
    """Exit code; the table shows what was sent, also after an interruption."""
    playback, code = None, 0
    progress = Progress(
        TextColumn("sending"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True)
    )

    async def play() -> None:
        nonlocal playback
        async with Driver(base_url, token) as driver:
            if not await driver.learn(_OWNER):
                typer.echo(
                    "note: no sign-in page was found, neither at its usual places nor by a link on"
                    " /; sign-ins go to /login",
                    err=True,
                )
            playback = Playback(driver, chosen, speed)
            bar = progress.add_task("sending", total=playback.planned)
            await playback.run(lambda sent: progress.update(bar, completed=sent))

    try:
        with progress:
            asyncio.run(play())
    except RefusedError as error:
        typer.echo(f"error: {error}", err=True)
        code = error.exit_code
    except KeyboardInterrupt:
        typer.echo("interrupted; nothing more is sent", err=True)
        code = INTERRUPTED
    answers = playback.answers if playback else []
    if answers:
        _print(summary.sent(summary.rows(chosen, answers)))
    if not all(answer.answered for answer in answers):
        code = code or FAILED
    return code


def _warn_about_made_up_people(chosen: Sequence[Scenario], accounts: Sequence[Person]) -> None:
    right = {(person.username, person.password) for person in accounts}
    needing = [
        scenario.slug
        for scenario in chosen
        if any((action.username, action.password) in right for action in scenario.actions)
    ]
    if needing:
        typer.echo(
            f"note: no --people FILE, so the people are made up and nobody of {', '.join(needing)} "
            "will get in",
            err=True,
        )


def _warn_about_addresses(chosen: Sequence[Scenario]) -> None:
    addresses = {visitor.address for scenario in chosen for visitor in scenario.visitors}
    if len(addresses) > 1:
        typer.echo(
            f"note: the app sees one address, this machine's, instead of {len(addresses)}; a limit "
            "by address holds for all visitors together",
            err=True,
        )


def _print(table: object) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH_OF_A_FILE)
    console.print(table)


if __name__ == "__main__":
    cli(prog_name="python -m traffic")
