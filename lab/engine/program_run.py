"""One run of a Pulumi program in this process: its settings, its loop, and how it failed."""

import asyncio
import contextvars
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, NoReturn, TypeVar

import pulumi
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.stack import run_in_stack

from components.limits.refusal import NOWHERE, Refusal, RefusedError
from lab.engine.deploy_error import DeployError
from lab.engine.program import failure, place_of, run_program
from lab.engine.resource_monitor import NoCallbacks, ProgramLog, ResourceMonitor
from lab.engine.stack_config import CLOUD, HERE, Project, StackConfig
from lab.host import interruption

T = TypeVar("T")

CANCEL_SECONDS: Final = 1.0
_ONE_AT_A_TIME: Final = threading.Lock()
"""A program runs with its own working directory and modules: the process has only one of each."""


def run(
    project: Project,
    stack: str,
    config: StackConfig,
    monitor: ResourceMonitor,
    log: ProgramLog,
    *,
    until_resources: bool = False,
) -> None:
    """The program to its end, the monitor answering it; what `log` is told is in its lines.

    With `until_resources` it ends where it would make its first resource.

    Raises DeployError with every reason, RefusedError when it is the settings that cannot work. May
    run in a thread, not inside a running event loop.
    """
    with _ONE_AT_A_TIME:
        # A context of its own: Pulumi's settings are context variables and outlive a run.
        try:
            contextvars.Context().run(_run, project, stack, config, monitor, log, until_resources)
        finally:
            # Outside of any context Pulumi remembers who was set first; let go of this run.
            contextvars.Context().run(runtime_settings.reset_options)


def _run(
    project: Project,
    stack: str,
    config: StackConfig,
    monitor: ResourceMonitor,
    log: ProgramLog,
    until_resources: bool,
) -> None:
    runtime_settings.configure(
        runtime_settings.Settings(
            project=project.name,
            stack=stack,
            monitor=monitor,
            engine=log,
            dry_run=False,
            organization="organization",
            root_directory=str(project.file.parent),
        )
    )
    runtime_settings.SETTINGS.callbacks = NoCallbacks()
    set_all_config({CLOUD: HERE, **config.values}, sorted(config.secrets))
    wrong = ""
    kind: type[RefusedError] = DeployError
    try:
        with place_of(project.main), _event_loop() as loop:

            def program() -> None:
                if until_resources:
                    pulumi.runtime.register_stack_transformation(_end)
                loop.interruptible(lambda: run_program(project.main))

            loop.run_whole(run_in_stack(program))
    except pulumi.RunError as error:
        # How a program refuses its settings, as the CLI shows it: without a traceback.
        wrong, kind = str(error), DeployError if monitor.refused else RefusedError
    except pulumi.InputPropertyError as error:
        # How a component refuses an input: told as it stands, for whoever wrote the program.
        wrong = f"{error.property_path} {error.reason}"
        kind = DeployError if monitor.refused else RefusedError
    except SystemExit as error:
        wrong = f"the program ended itself with {error.code!r}" if error.code else ""
    except Exception as error:
        wrong = failure(error, project.file.parent)
    reasons = [*monitor.refused, *([wrong] if wrong else log.errors)]
    if reasons:
        raise kind(*(Refusal(NOWHERE, each) for each in reasons))


def _end(_: pulumi.ResourceTransformationArgs) -> NoReturn:
    raise SystemExit(0)


class _InlineLoop(asyncio.SelectorEventLoop):
    """Runs blocking calls at once: the order of registrations then depends on nothing but the
    program, no thread is left behind, and Ctrl-C arrives where the work is done.
    """

    _is_interrupted = False

    def run_whole(self, main: Coroutine[Any, Any, object]) -> None:
        """To its end; KeyboardInterrupt when a signal came, whatever became of it inside."""
        try:
            with interruption.handed_to(self._interrupt):
                self.run_until_complete(main)
        except BaseException:
            if not self._is_interrupted:
                raise
        if self._is_interrupted:
            # Those that nobody will await any more have nothing to tell.
            warnings.filterwarnings("ignore", message="coroutine .* was never awaited")
            raise KeyboardInterrupt

    def interruptible(self, work: Callable[[], T]) -> T:
        """Work of our own inside the loop: a signal ends it, and then the loop.

        Pulumi sees a cancellation, which it lets pass.
        """
        try:
            with interruption.raised():
                return work()
        except KeyboardInterrupt:
            self._interrupt()
            raise asyncio.CancelledError from None

    def _interrupt(self) -> None:
        self._is_interrupted = True
        self.call_soon_threadsafe(self.stop)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(self.interruptible(lambda: func(*args)))
        except asyncio.CancelledError:
            future.cancel()
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _event_loop() -> Iterator[_InlineLoop]:
    loop = _InlineLoop()
    # A refused resource leaves futures behind that nobody awaits; that is no news.
    loop.set_exception_handler(lambda _loop, _context: None)
    try:
        yield loop
    finally:
        try:
            _finish(loop, _cancel_rest())
            _finish(loop, loop.shutdown_asyncgens())
        finally:
            loop.close()


def _finish(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, None]) -> None:
    """A signal may have left the loop with an order to stop that it has not followed yet."""
    task = loop.create_task(coroutine)
    while not task.done():
        with suppress(KeyboardInterrupt, SystemExit, RuntimeError):
            loop.run_until_complete(task)


async def _cancel_rest() -> None:
    """What does not let itself be cancelled is left: it holds nothing but memory."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=CANCEL_SECONDS)
