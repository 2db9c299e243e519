"""Text that others wrote (user names, addresses, answers), made fit for a terminal."""

from rich.text import Text


def printable(text: object) -> str:
    """Control and direction characters as escapes: they could redraw what the reader sees."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "backslashreplace").decode()
        for each in str(text)
    )


def plain(text: object, style: str = "") -> Text:
    """Printable, line by line, and without rich's own markup: a user may be called `[red]`."""
    return Text("\n".join(printable(line) for line in str(text).split("\n")), style)
