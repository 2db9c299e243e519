"""The stacks that can be asked for: one file `Pulumi.<stack>.yaml` each, beside its program."""

from pathlib import Path

from components.content.places import ROOT
from components.limits.refusal import RefusedError, nearest, shown


def refuse_unknown(stack: str, program: Path = ROOT) -> None:
    """Names the nearest stack; without it every setting would be said to be missing."""
    known = sorted(path.name[7:-5] for path in program.glob("Pulumi.*.yaml"))
    if stack not in known:
        where = "" if program == ROOT else f" in {shown(program)}"
        expected = nearest(stack, known) if known else f"expected a file Pulumi.{stack}.yaml"
        raise RefusedError.of(f"stack {stack!r} is unknown{where}", expected)


def refuse_no_program(program: Path) -> None:
    """A Pulumi program in Python: a folder with Pulumi.yaml and __main__.py."""
    for file in ("Pulumi.yaml", "__main__.py"):
        if not (program / file).is_file():
            raise RefusedError.of(
                f"{shown(program)} holds no {file}",
                "expected a folder with Pulumi.yaml and __main__.py, a Pulumi program in Python",
            )
