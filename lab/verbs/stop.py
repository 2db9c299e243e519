"""`lab stop`: ends the background lab, with all that runs in it."""

from rich.console import Console

from lab.background.folder import LiveFolder


def run(*, out: Console) -> None:
    """That none is running is no mistake."""
    if LiveFolder.usual().stop():
        out.print("the lab is stopped; its resources and their Pulumi state are gone")
    else:
        out.print("no lab is running")
