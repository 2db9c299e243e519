"""Deploys a Pulumi program to the lab's Azure with the Pulumi CLI: the real engine, real state."""

import json
import re
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from lab.azure import Azure
from lab.azure.core.pulumi_value import SECRET, SIGNATURE, secret_places
from lab.engine import in_process, settings_trial
from lab.engine.deploy_error import DeployError
from lab.engine.in_process import Deployment
from lab.engine.pulumi_cli import PulumiCli
from lab.engine.resource_monitor import STACK, Component
from lab.engine.throwaway import throwaway
from lab.host.process_group import ProcessGroup
from lab.provider.control_server import ControlServer

UP: Final = (
    *("up", "--yes", "--skip-preview", "--non-interactive"),
    *("--color", "never", "--suppress-outputs", "--suppress-progress"),
)
_NOISE: Final = re.compile(
    r" *warning: using pulumi-resource-\S+ from \$PATH.*\n"
    r"| *Traceback \(most recent call last\):\n(?: .*\n)+? *KeyboardInterrupt\n"
)
"""Which plugins are in use, and how the engine ends the program when there is no point in it."""


def deploy(
    program: Path, stack: str, azure: Azure, config: Mapping[str, str] | None = None
) -> Deployment:
    """As `lab.engine.deploy`, through the CLI; its state lies in the Azure's folder."""
    folder = program.resolve()
    folder = folder if folder.is_dir() else folder.parent
    settings_trial.judge(folder, stack, config or {})  # the CLI cannot tell whose fault it is
    existing = len(azure.resources.list())
    with ControlServer(azure, azure.state_dir / "control.json") as control:
        cli = PulumiCli(azure.state_dir / "pulumi", folder, control.file)
        skipped = cli.prepare(stack, config or {})
        code, said = _run(cli, stack, folder)
        if code != 0:
            refused = _everything_refused(program, stack, azure, config, control)
            reasons = "\n".join(refused) or complaints(said)
            raise DeployError.of(reasons or f"pulumi up ended with exit code {code}")
        exported = cli.call(["stack", "export", "--show-secrets", "--stack", stack], folder)
    state = json.loads(exported)["deployment"]["resources"]
    outputs: dict[str, Any] = next(
        (each.get("outputs", {}) for each in state if each["type"] == STACK), {}
    )
    _place(azure, state)
    return Deployment(
        project=cli.project.name,
        stack=stack,
        outputs={key: _shown(value) for key, value in outputs.items()},
        secret_outputs=frozenset(key for key, value in outputs.items() if _is_secret(value)),
        resources=azure.resources.list()[existing:],
        components=[
            Component(each["type"], _name(each), each["urn"], each.get("parent", ""))
            for each in state
            if not each.get("custom") and each["type"] != STACK
        ],
        skipped_secrets=skipped,
    )


def _everything_refused(
    program: Path,
    stack: str,
    azure: Azure,
    config: Mapping[str, str] | None,
    control: ControlServer,
) -> list[str]:
    """Pulumi's engine ends at the first refused resource; without it the program goes on.

    RefusedError where it was no resource but the program that refused what it was given.
    """
    with throwaway(azure.clock.now) as nowhere:
        try:
            in_process.deploy(program, stack, nowhere, config)
        except DeployError as error:
            found = str(error).splitlines()
            if set(control.refused) <= set(found):
                return found
    return control.refused


def _run(cli: PulumiCli, stack: str, folder: Path) -> tuple[int | None, str]:
    """Exit code and what was said; an interrupted wait ends the CLI, too."""
    with tempfile.TemporaryFile() as said:
        group = ProcessGroup(
            cli.command(UP, stack),
            environment=cli.environment(stack),
            folder=folder,
            stdout=said,
            stderr=said,
        )
        try:
            code = group.wait()
        finally:
            group.end()
        said.seek(0)
        return code, said.read().decode("utf-8", "replace")


def complaints(said: str) -> str:
    """The diagnostics of a CLI's run, without the remark that the lab's plugins are in use."""
    _, found, rest = said.partition("Diagnostics:\n")
    told = _NOISE.sub("", rest.partition("\nResources:\n")[0] if found else said)
    return re.sub(r"\n\s*\n+", "\n", textwrap.dedent(told)).strip()


def _place(azure: Azure, state: Sequence[Mapping[str, Any]]) -> None:
    """Parents and dependencies, which the engine tells no provider."""
    known = {each["urn"]: each for each in state}
    for resource in azure.resources.list():
        entry = known.get(resource.urn, {})
        resource.parent = entry.get("parent", "")
        resource.protect = bool(entry.get("protect"))
        resource.secret_places = secret_places(entry.get("inputs", {}))
        resource.dependencies = tuple(sorted(entry.get("dependencies", ())))


def _shown(value: Any) -> Any:
    return json.loads(value["plaintext"]) if _is_secret(value) else value


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def _name(resource: Mapping[str, Any]) -> str:
    return str(resource["urn"]).split("::", 3)[3]
