"""What goes on, told on standard error: a bar on a terminal, a line a stage elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from lab.host import interruption
from lab.report import voice

Tell = Callable[[str, float], None]
"""What is going on, and how much of it is done, from 0 to 1."""

_stages: list[str] = []


def stage() -> str:
    """What goes on, or went on last; '' before anything did."""
    return _stages[-1] if _stages else ""


@contextmanager
def shown() -> Iterator[Tell]:
    """The bar is gone at the end; the lines stay, for whoever reads the log of a CI run."""
    _stages.clear()
    if not voice.err.is_terminal:
        yield _a_line_a_stage
        return
    with _bar() as progress:
        task = progress.add_task("starting", total=1.0)

        def tell(what: str, share: float) -> None:
            _begin(what)
            progress.update(task, description=what, completed=share)

        yield tell


def _a_line_a_stage(what: str, _share: float) -> None:
    if _begin(what):
        voice.note(f"{what} ...")


def _begin(what: str) -> bool:
    """Whether it is a new stage. A good moment to end, should a signal have got lost before."""
    interruption.check()
    is_new = stage() != what
    if is_new:
        _stages.append(what)
    return is_new


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=voice.err,
        transient=True,
    )
