"""Deploys a Pulumi program to the lab's Azure, in this process and without the Pulumi CLI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.limits.refusal import RefusedError
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.engine import program_run, settings_trial
from lab.engine.deploy_error import DeployError
from lab.engine.resource_monitor import Component, ProgramLog, ResourceMonitor
from lab.engine.stack_config import Project, examined, replaced

__all__ = ["Component", "DeployError", "Deployment", "deploy"]


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

    A value of the stack's file that is overridden is judged nevertheless, before anything is made.
    Raises DeployError with every reason, RefusedError when it is the settings that cannot work. May
    run in a thread, not inside a running event loop.
    """
    folder = program.resolve()
    project = Project.read(folder if folder.is_dir() else folder.parent)
    stack_config = examined(project, stack, config or {})
    if stack_config.refusals or replaced(project, stack, config or {}):
        settings_trial.judge(project.file.parent, stack, config or {})
    if stack_config.refusals:  # of what the lab itself gives
        raise RefusedError(*stack_config.refusals)
    monitor = ResourceMonitor(azure, project.name, stack)
    log = ProgramLog()
    existing = len(azure.resources.list())
    azure.default_location = stack_config.values.get("azure-native:location")
    program_run.run(project, stack, stack_config, monitor, log)
    return Deployment(
        project=project.name,
        stack=stack,
        outputs=monitor.exports,
        secret_outputs=monitor.secret_exports,
        resources=azure.resources.list()[existing:],
        components=monitor.components,
        skipped_secrets=stack_config.skipped_secrets,
        log=log.lines,
    )
