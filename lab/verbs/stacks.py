"""The stacks that can be asked for: one file `Pulumi.<stack>.yaml` each."""

from components.limits.refusal import nearest
from lab.deploy_error import SetUpError
from lab.rehearsal import PROGRAM


def refuse_unknown(stack: str) -> None:
    """SetUpError names the nearest stack; without it every setting would be said to be missing."""
    known = sorted(path.name[7:-5] for path in PROGRAM.glob("Pulumi.*.yaml"))
    if stack not in known:
        raise SetUpError(f"stack {stack!r} is unknown; {nearest(stack, known)}")
