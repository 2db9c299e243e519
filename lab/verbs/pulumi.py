"""`lab pulumi -- …`: the real Pulumi CLI on an unmodified program, with the lab as its Azure."""

import json
import os
import sys
from collections.abc import Container, Mapping, Sequence
from pathlib import Path

import typer

from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.background.folder import LiveFolder
from lab.engine import settings_trial
from lab.engine.pulumi_cli import PulumiCli, refuse_missing
from lab.engine.stack_config import Project, replaced
from lab.provider.control_file import ControlFile

LOCAL = "local"
RUNS_THE_PROGRAM = frozenset({"up", "update", "preview", "pre"})
_EXAMPLES = {"--stack": "the name of a stack, such as local", "--cwd": "a program's folder"}
_SHORT = {"-s": "--stack", "-C": "--cwd"}


CONTEXT_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}


def command(context: typer.Context) -> None:
    """Everything after the verb is the CLI's, but for --cwd and --stack."""
    run(context.args)


def run(arguments: Sequence[str]) -> None:
    """Becomes the CLI: its exit code, its terminal and Ctrl-C are its own."""
    refuse_missing()
    rest, chosen = _taken(arguments)
    stack, program = chosen.get("--stack", LOCAL), _program(chosen)
    folder = LiveFolder.usual()
    control, _ = folder.start(1.0)
    cli = PulumiCli(folder.pulumi, program, folder.control)
    own = given(folder, control, stack, cli.project.declared)
    if RUNS_THE_PROGRAM.intersection(rest):
        _refuse_wrong_settings(program, stack, own)
    cli.prepare(stack, own)
    command = cli.command(rest, stack)
    os.chdir(program)
    sys.stdout.flush()
    os.execvpe(command[0], command, cli.environment(stack))  # noqa: S606 - no shell is wanted


def given(
    folder: LiveFolder, control: ControlFile, stack: str, declared: Container[str]
) -> dict[str, str]:
    """What a stack needs of its own: made-up users, and the inbox where it may be addressed."""
    users = json.loads(folder.users.read_text(encoding="utf-8"))
    own = {"initialUsers": json.dumps(users)}
    if stack == LOCAL:  # the others take no address of this machine
        own["webhookUrl"] = control.ask("/status")["webhook"]
    return {key: value for key, value in own.items() if key in declared}


def _refuse_wrong_settings(program: Path, stack: str, own: Mapping[str, str]) -> None:
    """Those that the lab replaces; all others the CLI gives to the program as they are."""
    try:
        project = Project.read(program)
    except RefusedError:
        return  # in another language: the CLI alone can run it
    if replaced(project, stack, own):
        settings_trial.judge(program, stack, own)


def _program(chosen: Mapping[str, str]) -> Path:
    """A folder with a Pulumi project; nothing is started for any other."""
    program = Path(chosen.get("--cwd", ROOT)).resolve()
    if not program.is_dir():
        raise RefusedError.of(
            f"--cwd {chosen['--cwd']} is no folder", f"expected {_EXAMPLES['--cwd']}"
        )
    Project.read(program, any_language=True)
    return program


def _taken(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The arguments without --stack and --cwd, and what these name."""
    rest: list[str] = []
    chosen: dict[str, str] = {}
    left = iter(arguments)
    for each in left:
        option, has_value, value = each.partition("=")
        option = _SHORT.get(option, option)
        if option not in _EXAMPLES:
            rest.append(each)
            continue
        chosen[option] = value if has_value else next(left, "")
        if not chosen[option]:
            raise RefusedError.of(f"{option} has no value", f"expected {_EXAMPLES[option]}")
    return rest, chosen
