"""`lab pulumi -- …`: the real Pulumi CLI on the unmodified program, with the lab as its Azure."""

import json
import os
import sys
from collections.abc import Sequence

from lab.deploy_error import SetUpError
from lab.door_file import DoorFile
from lab.live_folder import PROGRAM, LiveFolder
from lab.pulumi_cli import PulumiCli, refuse_missing

LOCAL = "local"


def run(arguments: Sequence[str]) -> None:
    """Becomes the CLI: its exit code, its terminal and Ctrl-C are its own."""
    refuse_missing()
    folder = LiveFolder.usual()
    door, _ = folder.start(1.0)
    rest, stack = _stack(arguments)
    cli = PulumiCli(folder.pulumi, PROGRAM, folder.door)
    cli.prepare(stack, given(folder, door, stack))
    command = cli.command(rest, stack)
    os.chdir(PROGRAM)
    sys.stdout.flush()
    os.execvpe(command[0], command, cli.environment(stack))  # noqa: S606 - no shell is wanted


def given(folder: LiveFolder, door: DoorFile, stack: str) -> dict[str, str]:
    """What a stack needs of its own: made-up users, and the inbox where it may be addressed."""
    users = json.loads(folder.users.read_text(encoding="utf-8"))
    own = {"initialUsers": json.dumps(users)}
    if stack == LOCAL:  # the others take no address of this machine
        own["webhookUrl"] = door.ask("/status")["webhook"]
    return own


def _stack(arguments: Sequence[str]) -> tuple[list[str], str]:
    """The arguments without the stack, and the stack that they name."""
    rest, stack = [], LOCAL
    left = iter(arguments)
    for each in left:
        if each in ("-s", "--stack"):
            stack = next(left, "")
        elif each.startswith("--stack="):
            stack = each.partition("=")[2]
        else:
            rest.append(each)
    if not stack:
        raise SetUpError("--stack has no value; expected the name of a stack, such as local")
    return rest, stack
