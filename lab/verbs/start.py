"""`lab start`: the stand-in for Azure in the background."""

from rich.console import Console

from lab.background.folder import LiveFolder


def run(speed: float, *, out: Console) -> None:
    """A lab that runs already stays as it is."""
    _, new = LiveFolder.usual().start(speed)
    if new:
        out.print("the lab is up and empty; deploy to it: python -m lab pulumi -- up")
    else:
        out.print("the lab is up already; see python -m lab status")
