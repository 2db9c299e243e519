"""Which stacks may be destroyed without asking: those of the lab, and no other."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from components.limits.refusal import RefusedError

PREFIX: Final = "lab-"

Run = Callable[[Sequence[str]], str]
"""Runs the Pulumi CLI with these arguments and returns what it wrote."""


def is_of_the_lab(stack: str) -> bool:
    """By the last part of `organization/project/stack`; `dev` and `prod` never are."""
    return stack.rpartition("/")[2].startswith(PREFIX)


def chosen(listed: str) -> list[str]:
    """The lab's stacks among those of `pulumi stack ls --json`; RefusedError where it is none."""
    try:
        names = [str(each["name"]) for each in json.loads(listed)]
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError.of(
            "the stacks cannot be read", "expected pulumi stack ls --json"
        ) from error
    return sorted(name for name in names if is_of_the_lab(name))


def tear_down(run: Run) -> tuple[list[str], list[str]]:
    """Destroys each stack of the lab; one that fails keeps no other alive. (gone, failed)."""
    gone: list[str] = []
    failed: list[str] = []
    for stack in chosen(run(["stack", "ls", "--json"])):
        try:
            run(["destroy", "--yes", "--skip-preview", "--non-interactive", "--stack", stack])
            run(["stack", "rm", "--yes", "--preserve-config", "--stack", stack])
        except subprocess.CalledProcessError:
            failed.append(stack)
        else:
            gone.append(stack)
    return gone, failed


def pulumi(folder: Path) -> Run:
    """The CLI in a folder; what it says of errors goes to the log as it is."""

    def run(arguments: Sequence[str]) -> str:
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["pulumi", *arguments],  # noqa: S607 - from PATH
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    return run
