"""What goes on, told on standard error: a bar on a terminal, a line a stage elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from lab.report import voice

Tell = Callable[[str, float], None]
"""What is going on, and how much of it is done, from 0 to 1."""


@contextmanager
def shown(err: Console = voice.err) -> Iterator[Tell]:
    """The bar is gone at the end; the lines stay, for whoever reads the log of a CI run."""
    if err.is_terminal:
        with _bar(err) as progress:
            task = progress.add_task("starting", total=1.0)
            yield lambda what, share: progress.update(task, description=what, completed=share)
        return
    told: list[str] = []

    def tell(what: str, _share: float) -> None:
        if told[-1:] != [what]:
            told.append(what)
            voice.note(f"{what} ...")

    yield tell


def _bar(err: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    )
