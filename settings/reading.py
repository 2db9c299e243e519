"""Reads a stack's settings, and tells everything that is wrong with them at once."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import pulumi
from pulumi.runtime import get_root_directory
from pulumi.runtime.config import CONFIG

from components.limits.refusal import NOWHERE, Place, Refusal, RefusedError, nearest
from settings import between
from settings.rows import ROWS, Settings
from settings.setting import REQUIRED, Setting
from settings.stack_file import StackFile

_PROVIDERS: Final = ("azure-native", "command", "pulumi", "random")
"""Whose settings may stand in a stack's file beside ours."""
_ALIKE: Final = 0.8
_SHOWN: Final = 60
"""Characters of a value that a message shows."""
_INSIDE_ONE: Final = 5
"""Faults inside one value that are told one by one."""


class SettingsError(RefusedError, pulumi.RunError):
    """Settings that cannot work, one a line; the engine shows a RunError without a traceback."""

    def __str__(self) -> str:
        listed = "\n".join(f"  - {each}" for each in self.refusals)
        return f"stack {pulumi.get_stack()} has settings that cannot work:\n{listed}"


def read(config: pulumi.Config | None = None) -> Settings:
    """The settings of the current stack; SettingsError tells everything that is wrong.

    What is set and has no effect is a warning.
    """
    config = config or pulumi.Config()
    values, refusals = _values(config)
    refusals = [*_unknown(config.name), *refusals]
    for judge in between.JUDGES:
        refusals += between.ask(judge, values)
    folder = _project_folder()
    if folder is not None and not _is_this_machine(_cloud()):
        refusals += between.ask(between.placeholders, values)
    file = StackFile.of(folder, pulumi.get_stack())
    if refusals:
        raise SettingsError(*(_placed(each, config, file) for each in refusals))
    for each in between.without_effect(values):
        pulumi.log.warn(str(_placed(each, config, file)))
    own = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
    return Settings(**values | {"tags": own | dict(values["tags"])})


def _values(config: pulumi.Config) -> tuple[dict[str, Any], list[Refusal]]:
    """What is sound, by field, and what is not."""
    values: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for row in ROWS.values():
        text = config.get(row.key)
        if text is None and row.default is REQUIRED:
            expected = f"expected {row.rule.takes}: {row.command}"
            refusals.append(Refusal(Place(key=row.key), "is missing", expected))
            continue
        try:
            values[row.name] = row.rule.read(row.default_text if text is None else text)
        except RefusedError as error:
            refusals += _of(row, text or "", error.refusals)
    return values, refusals


def _of(row: Setting, text: str, refusals: Sequence[Refusal]) -> Iterator[Refusal]:
    """What a rule says of a value, said of its setting."""
    for each in refusals[:_INSIDE_ONE]:
        told = each.below(row.key)
        if each.where is NOWHERE:  # of the value as a whole
            shown = "(hidden)" if row.secret else _cut(text) or '""'
            expected = each.expected or f"expected {row.rule.takes}"
            told = replace(told, what=f"{shown} {each.what}", expected=expected)
        yield told.hidden() if row.secret else told
    if (more := len(refusals) - _INSIDE_ONE) > 0:
        what, expected = f"has {more} more entries like these", f"expected {row.rule.takes}"
        yield Refusal(Place(key=row.key), what, expected)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


def _placed(refusal: Refusal, config: pulumi.Config, file: StackFile) -> Refusal:
    """With the line of the stack's file: `retentionDays 5 is … (Pulumi.dev.yaml:4)`."""
    path = refusal.where.key
    if refusal.where.file or not path:
        return refusal
    full = path if ":" in path else f"{config.name}:{path}"
    key = next(iter(full.replace("[", ".", 1).split(".", 1)))
    place = file.place(key, full.removeprefix(key), CONFIG.get().get(key))
    return replace(refusal, where=replace(place, key=path))


def _unknown(project: str) -> Iterator[Refusal]:
    """Keys that nobody reads: most often a slip of the finger."""
    for full in sorted(CONFIG.get()):
        namespace, _, key = full.partition(":")
        if namespace == project and key not in ROWS:
            yield Refusal(Place(key=key), "is no setting", nearest(key, ROWS))
        elif meant := _meant(namespace, (project, *_PROVIDERS)):
            guess = f"did you mean {f'{meant}:{key}'!r}?"
            yield Refusal(Place(key=full), "is read by nobody", guess)


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
