"""A stack that the real Pulumi CLI updates again and again; its state lies by its Azure."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.engine.change import Change, Op
from lab.engine.living_stack import Config, Update
from lab.engine.pulumi_cli import PulumiCli
from lab.engine.real_cli import complaints
from lab.engine.resource_monitor import STACK
from lab.host.closing import Closing
from lab.host.process_group import ProcessGroup
from lab.provider.control_server import ControlServer

QUIETLY: Final = ("--yes", "--skip-preview", "--non-interactive", "--color", "never")
_EVENTS: Final = {"PULUMI_DEBUG_COMMANDS": "1"}
"""Lets `--event-log` in, as Pulumi's Automation API does."""
_OPS: Final[dict[str, Op]] = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "replace": "replace",
    "create-replacement": "replace",
}
"""The engine's words; a replacement is told in parts, of which one counts."""


class CliStack(Closing):
    """Ends with `close`: nobody reaches its Azure afterwards."""

    def __init__(self, program: Path, stack: str, azure: Azure) -> None:
        self._stack = stack
        self._azure = azure
        self._control = ControlServer(azure, azure.state_dir / "control.json")
        self._clis: dict[Path, PulumiCli] = {}
        self.program = program

    @property
    def turn(self) -> Any:
        """Whoever drives the clock holds it."""
        return self._control.turn

    def close(self) -> None:
        """Twice is fine."""
        self._control.close()

    def up(self, config: Config, cut_after: int | None = None) -> Update:
        """As LivingStack."""
        return self._run(["up", *QUIETLY], config, cut_after)

    def refresh(self, config: Config) -> Update:
        """As LivingStack."""
        return self._run(["refresh", *QUIETLY], config)

    def destroy(self, config: Config) -> Update:
        """As LivingStack."""
        return self._run(["destroy", *QUIETLY], config)

    def held(self) -> set[str]:
        """As LivingStack."""
        return {
            each["urn"]
            for each in self._state()
            if each.get("custom") and not each["type"].startswith("pulumi:")
        }

    def _state(self) -> Sequence[dict[str, Any]]:
        exported = self._cli.call(
            ["stack", "export", "--stack", self._stack, "--show-secrets"], self.program
        )
        found: Sequence[dict[str, Any]] = json.loads(exported)["deployment"].get("resources", [])
        return found

    @property
    def _cli(self) -> PulumiCli:
        """One for each program: all of them have one state."""
        if self.program not in self._clis:
            folder = self._azure.state_dir / "pulumi"
            self._clis[self.program] = PulumiCli(folder, self.program, self._control.file)
        return self._clis[self.program]

    def _run(self, arguments: list[str], config: Config, cut_after: int | None = None) -> Update:
        self._cli.prepare(self._stack, config)
        with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryFile() as said:
            log = Path(scratch) / "events.jsonl"
            group = ProcessGroup(
                self._cli.command([*arguments, "--event-log", str(log)], self._stack),
                environment=self._cli.environment(self._stack) | _EVENTS,
                folder=self.program,
                stdout=said,
                stderr=said,
            )
            try:
                with self._killed_after(group, cut_after) as cut:
                    code = group.wait()
            finally:
                group.end()
            said.seek(0)
            text = said.read().decode("utf-8", "replace")
            changes = tuple(_changes(log))
        if cut:
            return Update(changes, {}, "cut off")
        if code != 0:
            failure = complaints(text) or f"pulumi {arguments[0]} ended with exit code {code}"
            return Update(changes, {}, failure)
        return Update(changes, self._outputs())

    def _outputs(self) -> dict[str, Any]:
        top: dict[str, Any] = next((each for each in self._state() if each["type"] == STACK), {})
        return dict(top.get("outputs", {}))

    @contextmanager
    def _killed_after(self, group: ProcessGroup, budget: int | None) -> Iterator[list[bool]]:
        """The CLI ends, as by a kill, when Azure has made so many changes; whether it did."""
        cut: list[bool] = []
        left = budget or 0

        def count(_resource: Resource, _verb: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                cut.append(True)
                group.kill()

        if budget is None:
            yield cut
            return
        self._azure.resources.listeners.append(count)
        try:
            yield cut
        finally:
            self._azure.resources.listeners.remove(count)


def _changes(log: Path) -> Iterator[Change]:
    """What the engine has done, out of its events."""
    seen = set()
    for line in log.read_text(encoding="utf-8").splitlines() if log.exists() else ():
        told = json.loads(line).get("resOutputsEvent") or {}
        meta = told.get("metadata") or {}
        resource = meta.get("new") or meta.get("old") or {}
        op, urn = _OPS.get(str(meta.get("op"))), str(meta.get("urn", ""))
        is_own = resource.get("custom") and not str(meta.get("type")).startswith("pulumi:")
        if op is None or not is_own or (op, urn) in seen:
            continue
        seen.add((op, urn))
        yield Change(op, urn, tuple(sorted(meta.get("detailedDiff") or {})))
