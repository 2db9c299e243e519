"""`python -m pipeline <verb>`: what the workflows do beyond running one command.

Exit codes: 0 all is well, 1 there is drift, a plan would lose state, or a stack could not be
destroyed, 2 wrong input.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import requests

from components.limits.refusal import RefusedError
from pipeline import comment, drift, known_diff, plan, teardown
from pipeline.github import GitHub

FAILED = 1
WRONG = 2


def main(arguments: Sequence[str]) -> int:
    """The exit code; a person's mistake is a message without a traceback."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except RefusedError as error:
        print(error, file=sys.stderr)
    except requests.RequestException as error:
        print(f"GitHub did not take it: {error}", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"{error.filename} is not there; expected it on PATH or on disk", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"pulumi {error.cmd[1]} ended with exit code {error.returncode}", file=sys.stderr)
    return WRONG


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pipeline", description=__doc__)
    verbs = parser.add_subparsers(required=True, metavar="verb")
    one = verbs.add_parser("comment", help="write the plan and its cost into a pull request")
    one.add_argument("plan", type=Path, help="what pulumi preview --json wrote")
    one.add_argument("--cost", type=Path, help="what lab cost --markdown wrote")
    one.add_argument("--stack", required=True)
    one.add_argument("--pull-request", type=int, required=True)
    one.set_defaults(run=_comment)
    two = verbs.add_parser("drift", help="say whether a stack has drifted, in an issue too")
    two.add_argument("plan", type=Path, help="what pulumi preview --json wrote after a refresh")
    two.add_argument("--stack", required=True)
    two.add_argument("--issue", action="store_true", help="open, update or close the issue")
    two.set_defaults(run=_drift)
    four = verbs.add_parser("losses", help="fail where a plan would lose logs, accounts, secrets")
    four.add_argument("plan", type=Path, help="what pulumi preview --json wrote")
    four.add_argument("--stack", required=True)
    four.set_defaults(run=_losses)
    three = verbs.add_parser("teardown", help=f"destroy every stack named {teardown.PREFIX}…")
    three.set_defaults(run=_teardown)
    return parser


def _comment(chosen: argparse.Namespace) -> int:
    cost = chosen.cost.read_text(encoding="utf-8") if chosen.cost else ""
    text = comment.text(plan.read(chosen.plan), chosen.stack, cost)
    print(GitHub.of_run().comment(chosen.pull_request, f"preview {chosen.stack}", text))
    return 0


def _drift(chosen: argparse.Namespace) -> int:
    found = drift.found_in(plan.read(chosen.plan), known_diff.load())
    text = drift.report(found, chosen.stack)
    print(text)
    if chosen.issue:
        github, name = GitHub.of_run(), f"drift {chosen.stack}"
        if found.is_there:
            print(github.tell(name, f"Stack {chosen.stack} has drifted", text))
        else:
            print(github.settle(name, text) or "no issue is open")
    return FAILED if found.is_there else 0


def _losses(chosen: argparse.Namespace) -> int:
    found = plan.read(chosen.plan).losses
    for each in found:
        print(each, file=sys.stderr)
    if found:
        print(
            f"stack {chosen.stack} is not changed: move its data first, and then delete what holds"
            " it on purpose (pulumi destroy --target, pulumi state unprotect)",
            file=sys.stderr,
        )
    return FAILED if found else 0


def _teardown(_chosen: argparse.Namespace) -> int:
    gone, failed = teardown.tear_down(teardown.pulumi(Path.cwd()))
    print(f"destroyed: {', '.join(gone) or 'none'}; failed: {', '.join(failed) or 'none'}")
    return FAILED if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
