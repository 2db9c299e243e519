"""Where a stack's file says what: the line of a key, or of a value inside it."""

import json
import re
from pathlib import Path
from typing import Final

from components.content import yaml_file
from components.content.yaml_file import Yaml
from components.limits.refusal import Place, RefusedError

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


class StackFile:
    """`Pulumi.<stack>.yaml`, for the places in messages; the values come from the engine."""

    def __init__(self, file: Path, config: Yaml | None) -> None:
        self._file, self._config = file, config

    @classmethod
    def of(cls, folder: Path | None, stack: str) -> "StackFile":
        """Of the project in `folder`; a file that is not there or cannot be read has no places."""
        file = (folder or Path()) / f"Pulumi.{stack}.yaml"
        try:
            config = yaml_file.read(file).at("config") if folder else None
        except (OSError, RefusedError, LookupError, TypeError):
            config = None
        return cls(file, config if config and isinstance(config.value, dict) else None)

    def place(self, key: str, path: str, text: str | None) -> Place:
        """`Pulumi.dev.yaml`, line 7, of a path inside a full key, as far as the file goes.

        Nowhere where the value is not the file's: a default, or given to the engine otherwise.
        """
        if self._config is None or key not in self._config.value:
            return Place()
        entry = self._config.at(key)
        if not _says(entry.value, text):
            return Place()
        steps = [step[1] or int(step[2]) for step in _STEP.finditer(path)]
        return Place(self._file.name, self._config.where(key, *steps).line)


def _says(value: object, text: str | None) -> bool:
    """Whether the file's value is the one that the engine gave; what is encrypted may be."""
    if text is None:
        return True
    if "secure" in json.dumps(value, default=str):
        return True
    try:
        given = json.loads(text)
    except ValueError:
        given = text
    return text == str(value) or given == json.loads(json.dumps(value, default=str))
