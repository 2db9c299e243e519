"""`lab start`: the stand-in for Azure in the background."""

from typing import Annotated

import typer

from lab.background.folder import LiveFolder
from lab.report import voice

Speed = Annotated[float, typer.Option(min=0.01, help="Lab seconds in a real second.")]


def command(speed: Speed = 1.0) -> None:
    """A lab that runs already stays as it is."""
    _, new = LiveFolder.usual().start(speed)
    if new:
        voice.say("the lab is up and empty; deploy to it: python -m lab pulumi -- up")
    else:
        voice.say("the lab is up already; see python -m lab status")
