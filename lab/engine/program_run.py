"""One run of a Pulumi program in this process: its settings, its loop, and how it failed."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, NoReturn, TypeVar

import pulumi
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.stack import run_in_stack

from lab.engine.deploy_error import DeployError, SetUpError
from lab.engine.program import failure, place_of, run_program
from lab.engine.resource_monitor import NoCallbacks, ProgramLog, Registrar
from lab.engine.stack_config import CLOUD, HERE, Project, StackConfig

T = TypeVar("T")

_ONE_AT_A_TIME: Final = threading.Lock()
"""A program runs with its own working directory and modules: the process has only one of each."""


def run(
    project: Project,
    stack: str,
    config: StackConfig,
    registrar: Registrar,
    log: ProgramLog,
    *,
    until_resources: bool = False,
) -> None:
    """The program to its end, the registrar answering it; what `log` is told is in its lines.

    With `until_resources` it ends where it would make its first resource.

    Raises DeployError with every reason, SetUpError when it is the settings that cannot work. May
    run in a thread, not inside a running event loop.
    """
    with _ONE_AT_A_TIME:
        # A context of its own: Pulumi's settings are context variables and outlive a run.
        try:
            contextvars.Context().run(_run, project, stack, config, registrar, log, until_resources)
        finally:
            # Outside of any context Pulumi remembers who was set first; let go of this run.
            contextvars.Context().run(runtime_settings.reset_options)


def _run(
    project: Project,
    stack: str,
    config: StackConfig,
    registrar: Registrar,
    log: ProgramLog,
    until_resources: bool,
) -> None:
    def program() -> None:
        if until_resources:
            pulumi.runtime.register_stack_transformation(_end)
        run_program(project.main)

    runtime_settings.configure(
        runtime_settings.Settings(
            project=project.name,
            stack=stack,
            monitor=registrar,
            engine=log,
            dry_run=False,
            organization="organization",
            root_directory=str(project.file.parent),
        )
    )
    runtime_settings.SETTINGS.callbacks = NoCallbacks()
    set_all_config({CLOUD: HERE, **config.values}, sorted(config.secrets))
    wrong, kind = "", DeployError
    try:
        with place_of(project.main), _event_loop() as loop:
            loop.run_until_complete(run_in_stack(program))
    except pulumi.RunError as error:
        # How a program refuses its settings, as the CLI shows it: without a traceback.
        wrong, kind = str(error), DeployError if registrar.refused else SetUpError
    except SystemExit as error:
        wrong = f"the program ended itself with {error.code!r}" if error.code else ""
    except Exception as error:
        wrong = failure(error, project.file.parent)
    reasons = [*registrar.refused, *([wrong] if wrong else log.errors)]
    if reasons:
        raise kind("\n".join(reasons))


def _end(_: pulumi.ResourceTransformationArgs) -> NoReturn:
    raise SystemExit(0)


class _InlineLoop(asyncio.SelectorEventLoop):
    """Runs blocking calls at once: the order of registrations then depends on nothing but the
    program, no thread is left behind, and Ctrl-C arrives where the work is done.
    """

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
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
    """A Ctrl-C comes out of the loop once more for every task that awaits the interrupted one."""
    task = loop.create_task(coroutine)
    while not task.done():
        with suppress(KeyboardInterrupt, SystemExit):
            loop.run_until_complete(task)


async def _cancel_rest() -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
