"""`lab stop`: ends the background lab, with all that runs in it."""

from lab.background.folder import LiveFolder
from lab.report import voice


def command() -> None:
    """That none is running is no mistake."""
    if LiveFolder.usual().stop():
        voice.say("the lab is stopped; its resources and their Pulumi state are gone")
    else:
        voice.say("no lab is running")
