"""Deploys a Pulumi program to the lab's Azure, in this process and without the Pulumi CLI."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import pulumi
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.config import set_all_config
from pulumi.runtime.stack import run_in_stack

from lab.azure import Azure
from lab.azure.resource import Resource
from lab.deploy_error import DeployError, SetUpError
from lab.program import failure, place_of, run_program
from lab.registrar import Component, NoCallbacks, ProgramLog, Registrar
from lab.stack_config import Project, StackConfig, read_stack_config

__all__ = ["Component", "DeployError", "Deployment", "deploy"]

T = TypeVar("T")

_ONE_AT_A_TIME: Final = threading.Lock()
"""A program runs with its own working directory and modules: the process has only one of each."""


@dataclass(frozen=True)
class Deployment:
    """A program that was deployed; `secret_outputs` names the outputs that must not be shown."""

    project: str
    stack: str
    outputs: dict[str, Any]
    secret_outputs: frozenset[str]
    resources: list[Resource]
    components: list[Component] = field(default_factory=list)
    skipped_secrets: list[str] = field(default_factory=list)
    log: list[tuple[str, str]] = field(default_factory=list)
    """(severity, message) of what the program logged: info, warning."""


def deploy(
    program: Path, stack: str, azure: Azure, config: Mapping[str, str] | None = None
) -> Deployment:
    """Runs the program whose Pulumi.yaml lies in `program`; `config` overrides the stack's values.

    Raises DeployError with every reason, SetUpError when it is the settings that cannot work. May
    run in a thread, not inside a running event loop.
    """
    folder = program.resolve()
    try:
        project = Project.read(folder if folder.is_dir() else folder.parent)
        stack_config = read_stack_config(project, stack, config or {})
    except DeployError as error:
        raise SetUpError(str(error)) from error
    registrar = Registrar(azure, project.name, stack)
    log = ProgramLog()
    existing = len(azure.resources.list())
    azure.default_location = stack_config.values.get("azure-native:location")
    with _ONE_AT_A_TIME:
        # A context of its own: Pulumi's settings are context variables and outlive a run.
        try:
            contextvars.Context().run(_run, project, stack, stack_config, registrar, log)
        finally:
            # Outside of any context Pulumi remembers who was set first; let go of this run.
            contextvars.Context().run(runtime_settings.reset_options)
    return Deployment(
        project=project.name,
        stack=stack,
        outputs=registrar.exports,
        secret_outputs=registrar.secret_exports,
        resources=azure.resources.list()[existing:],
        components=registrar.components,
        skipped_secrets=stack_config.skipped_secrets,
        log=log.lines,
    )


def _run(
    project: Project, stack: str, config: StackConfig, registrar: Registrar, log: ProgramLog
) -> None:
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
    set_all_config(config.values, sorted(config.secrets))
    wrong, kind = "", DeployError
    try:
        with place_of(project.main), _event_loop() as loop:
            loop.run_until_complete(run_in_stack(lambda: run_program(project.main)))
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
