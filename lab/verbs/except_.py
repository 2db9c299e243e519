"""`lab except`: an exception from alert rules, written into a stack's file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from components.content import detection, rule_exception
from components.content.places import ROOT
from components.limits.refusal import Place, Refusal, RefusedError
from lab.engine import exception_entry
from lab.report import voice
from lab.verbs import stacks
from lab.verbs.options import Stack


def command(
    slug: Annotated[str, typer.Argument(help="The detection, or the one word all.")],
    reason: Annotated[str, typer.Option(help="Why; every alert of the rule says it.")],
    expires: Annotated[str, typer.Option(help="2026-12-31 or an RFC 3339 time, within a year.")],
    address: Annotated[str | None, typer.Option(help="One client address.")] = None,
    network: Annotated[str | None, typer.Option(help="IPv4 network, /16 or smaller.")] = None,
    account: Annotated[str | None, typer.Option(help="One account.")] = None,
    user_agent: Annotated[str | None, typer.Option(help="One whole user agent.")] = None,
    path: Annotated[str | None, typer.Option(help="One path, or /folder/*.")] = None,
    stack: Stack = "dev",
) -> None:
    """Several conditions hold together; nothing is written where the exception cannot work."""
    run(
        slug,
        stack,
        {
            "address": address,
            "network": network,
            "account": account,
            "userAgent": user_agent,
            "path": path,
            "reason": reason,
            "expires": expires,
        },
    )


def run(slug: str, stack: str, given: dict[str, str | None], folder: Path = ROOT) -> None:
    """Writes the entry; RefusedError says what is wrong with it, by its option."""
    if folder == ROOT:
        stacks.refuse_unknown(stack)
    entry: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    known = detection.load_all()
    if slug != "all":
        detection.refuse_unknown([slug], known)
        entry = {"detections": [slug], **entry}
    found = rule_exception.read(entry)
    if wrong := rule_exception.refusals(found, known):
        raise RefusedError(*wrong)
    if found.has_ended(datetime.now(UTC)):
        where = Place(key="expires")
        raise RefusedError(Refusal(where, "has passed", "expected a later day", entry["expires"]))
    file = folder / f"Pulumi.{stack}.yaml"
    exception_entry.add(file, entry)
    concerned = sorted(each.slug for each in known.values() if found.concerns(each))
    voice.say(f"written: {file.name}: {found.told()}")
    voice.say(f"from: {', '.join(concerned)}")
    voice.say(f"next: pulumi preview -s {stack}; the same attack from elsewhere still fires")
