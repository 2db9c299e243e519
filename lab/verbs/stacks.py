"""The stacks that can be asked for: one file `Pulumi.<stack>.yaml` each."""

from components.content.places import ROOT
from components.limits.refusal import RefusedError, nearest


def refuse_unknown(stack: str) -> None:
    """Names the nearest stack; without it every setting would be said to be missing."""
    known = sorted(path.name[7:-5] for path in ROOT.glob("Pulumi.*.yaml"))
    if stack not in known:
        raise RefusedError.of(f"stack {stack!r} is unknown", nearest(stack, known))
