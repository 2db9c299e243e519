"""A stack that is updated again and again, by one of the two engines."""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from components.limits.refusal import NOWHERE, Refusal, RefusedError
from lab.azure import Azure
from lab.azure.core.resource_error import ResourceError
from lab.engine import program_run
from lab.engine.change import Change
from lab.engine.resource_monitor import ProgramLog
from lab.engine.stack_config import Project, read_stack_config
from lab.engine.stack_state import Entry, StackState
from lab.engine.update_monitor import UpdateMonitor
from lab.provider import property_diff
from lab.provider.answers import ProviderAnswers

Config = Mapping[str, str]
"""Values by the settings' short names; lists and objects as JSON."""


@dataclass(frozen=True)
class Update:
    """What one command did. `failure` says why it did not come to its end; '' when it did."""

    changes: Sequence[Change] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""


class LivingStack(Protocol):
    """One stack of one Azure."""

    program: Path
    """Folder of the program; another one may take its place between two updates."""

    def up(self, config: Config, cut_after: int | None = None) -> Update:
        """`pulumi up`; cut off after so many changes of resources, as by a kill."""

    def refresh(self, config: Config) -> Update:
        """`pulumi refresh`: what is in Azure becomes the state."""

    def destroy(self, config: Config) -> Update:
        """`pulumi destroy`."""

    def held(self) -> set[str]:
        """The URNs in the stack's state."""


class InProcessStack:
    """Without the CLI; its state is in memory."""

    def __init__(self, program: Path, stack: str, azure: Azure) -> None:
        self.program = program
        self._stack = stack
        self._azure = azure
        self._state = StackState()
        self._provider = ProviderAnswers(azure, threading.RLock())

    def up(self, config: Config, cut_after: int | None = None) -> Update:
        """As LivingStack."""
        project = Project.read(self.program)
        try:
            values = read_stack_config(project, self._stack, config)
        except RefusedError as error:
            return Update(failure=str(error))
        self._provider.refused.clear()
        self._azure.default_location = values.values.get("azure-native:location")
        monitor = UpdateMonitor(
            self._azure, (project.name, self._stack), self._state, self._provider, cut_after
        )
        failure = ""
        try:
            program_run.run(project, self._stack, values, monitor, ProgramLog())
            monitor.finish()
        except KeyboardInterrupt:
            if not monitor.was_cut_off:
                raise
            failure = "cut off"
        except ResourceError as error:
            failure = "\n".join(error.sentences())
        except RefusedError as error:
            failure = str(error)
        return Update(monitor.changes, monitor.exports, failure)

    def refresh(self, config: Config) -> Update:
        """As LivingStack."""
        changes = []
        for entry in self._state.entries():
            if not entry.urn.split("::")[2].rpartition("$")[2].startswith("azure-native:"):
                continue
            found = self._provider.answer(
                "Read",
                {"urn": entry.urn, "id": entry.id, "inputs": entry.inputs}
                | {"properties": entry.outputs},
            )
            if not found:
                self._state.drop(entry)
                changes.append(Change("delete", entry.urn))
                continue
            paths = property_diff.property_diff(entry.inputs, found["inputs"])
            if paths:
                changes.append(Change("update", entry.urn, tuple(paths)))
            entry.inputs, entry.outputs = found["inputs"], found["properties"]
        return Update(changes)

    def destroy(self, config: Config) -> Update:
        """As LivingStack."""
        changes: list[Change] = []
        kept = self._state.protected()
        for entry in (*reversed(self._state.superseded), *reversed(self._state.entries())):
            if entry.urn in kept:
                continue
            try:
                self._remove(entry)
            except ResourceError as error:
                return Update(changes, failure="\n".join(error.sentences()))
            changes.append(Change("delete", entry.urn))
        return Update(changes, failure=self._told(kept))

    def _told(self, kept: Collection[str]) -> str:
        """What stays, and everything that it lies in; '' for nothing."""
        protected = [
            each.urn for each in self._state.entries() if each.urn in kept and each.protect
        ]
        if not protected:
            return ""
        what = f"{protected[0].split('::', 3)[3]} is protected and would be deleted"
        return str(Refusal(NOWHERE, what, "expected no protection: pulumi state unprotect"))

    def _remove(self, entry: Entry) -> None:
        if not entry.retain:
            self._provider.answer("Delete", {"urn": entry.urn, "id": entry.id})
        self._state.drop(entry)

    def held(self) -> set[str]:
        """As LivingStack."""
        return {each.urn for each in self._state.entries()}
