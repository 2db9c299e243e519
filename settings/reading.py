"""Reads a stack's settings, and tells everything that is wrong with them at once."""

import difflib
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime import get_root_directory
from pulumi.runtime.config import CONFIG

from components.limits.refusal import nearest
from settings import between
from settings.rows import ROWS, Settings
from settings.setting import REQUIRED, Fault, RefusedError, Setting
from settings.stack_file import StackFile

_PROVIDERS: Final = ("azure-native", "command", "pulumi", "random")
"""Whose settings may stand in a stack's file beside ours."""
_ALIKE: Final = 0.8
_SHOWN: Final = 60
"""Characters of a value that a message shows."""
_INSIDE_ONE: Final = 5
"""Faults inside one value that are told one by one."""


class SettingsError(pulumi.RunError):
    """Settings that cannot work, one a line; the engine shows a RunError without a traceback."""


def read(config: pulumi.Config | None = None) -> Settings:
    """The settings of the current stack; SettingsError tells everything that is wrong.

    What is set and has no effect is a warning.
    """
    config = config or pulumi.Config()
    values, faults = _values(config)
    faults = [*_unknown(config.name), *faults]
    for judge in between.JUDGES:
        faults += between.ask(judge, values)
    folder = _project_folder()
    if folder is not None and not _is_this_machine(_cloud()):
        faults += between.ask(between.placeholders, values)
    file = StackFile.of(folder, pulumi.get_stack())
    if faults:
        listed = "\n".join(f"  - {_told(fault, config, file)}" for fault in faults)
        raise SettingsError(f"stack {pulumi.get_stack()} has settings that cannot work:\n{listed}")
    for fault in between.without_effect(values):
        pulumi.log.warn(_told(fault, config, file))
    own = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
    return Settings(**values | {"tags": own | dict(values["tags"])})


def _values(config: pulumi.Config) -> tuple[dict[str, Any], list[Fault]]:
    """What is sound, by field, and what is not."""
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for row in ROWS.values():
        text = config.get(row.key)
        if text is None and row.default is REQUIRED:
            faults.append(Fault(row.key, f"is missing; expected {row.rule.takes}: {row.command}"))
            continue
        try:
            values[row.name] = row.rule.read(row.default_text if text is None else text)
        except RefusedError as refused:
            faults += _faults(row, text or "", refused)
    return values, faults


def _faults(row: Setting, text: str, refused: RefusedError) -> Iterator[Fault]:
    if not refused.inside:
        shown = "(hidden)" if row.secret else _cut(text) or '""'
        expected = refused.expectation or f"expected {row.rule.takes}"
        yield Fault(row.key, f"{shown} {refused.problem}; {expected}")
    for fault in refused.inside[:_INSIDE_ONE]:
        yield Fault(f"{row.key}{fault.path}", fault.words)
    if (more := len(refused.inside) - _INSIDE_ONE) > 0:
        yield Fault(row.key, f"has {more} more entries like these; expected {row.rule.takes}")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


def _told(fault: Fault, config: pulumi.Config, file: StackFile) -> str:
    """`retentionDays 5 is out of range; expected 30 to 730 (Pulumi.dev.yaml:4)`."""
    full = fault.path if ":" in fault.path else f"{config.name}:{fault.path}"
    key = next(iter(full.replace("[", ".", 1).split(".", 1)))
    place = file.place(key, full.removeprefix(key), CONFIG.get().get(key))
    said = f"{fault.path}{'' if fault.words.startswith(':') else ' '}{fault.words}"
    return f"{said} ({place})" if place else said


def _unknown(project: str) -> Iterator[Fault]:
    """Keys that nobody reads: most often a slip of the finger."""
    for full in sorted(CONFIG.get()):
        namespace, _, key = full.partition(":")
        if namespace == project and key not in ROWS:
            yield Fault(key, f"is no setting; {nearest(key, ROWS)}")
        elif meant := _meant(namespace, (project, *_PROVIDERS)):
            yield Fault(full, f"is read by nobody; did you mean {f'{meant}:{key}'!r}?")


def _meant(namespace: str, known: tuple[str, ...]) -> str:
    """The known namespace that is written almost like this one; empty for another package's."""
    if namespace in known:
        return ""
    bare = {each.replace("-", ""): each for each in known}
    written = namespace.casefold().replace("-", "").replace("_", "")
    close = difflib.get_close_matches(written, bare, n=1, cutoff=_ALIKE)
    return bare[close[0]] if close else ""


def _project_folder() -> Path | None:
    """Where Pulumi.yaml is; None without one, as in a unit test, where nothing is deployed."""
    folder = Path(get_root_directory() or "")
    return folder if (folder / "Pulumi.yaml").is_file() else None


def _cloud() -> str:
    """Host of the cloud that is deployed to, empty for Azure's own: the provider's metadataHost.

    Where it is this machine, a rehearsal is under way, and alerts reach nobody else.
    """
    return pulumi.Config("azure-native").get("metadataHost") or ""


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
