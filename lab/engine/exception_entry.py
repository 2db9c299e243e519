"""An entry of a stack's `exceptions`, added to its file without touching the rest of the text."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.engine.stack_config import Project, read_yaml

_SETTING: Final = "exceptions"
_NEXT: Final = re.compile(r"^(?: {0,2}\S)", re.MULTILINE)


def add(file: Path, entry: Mapping[str, Any]) -> None:
    """RefusedError where the file cannot be read, or its list is written in a form of its own."""
    key = Project.read(file.parent, any_language=True).full_key(_SETTING)
    before = read_yaml(file, required=True).value
    config = before.get("config") or {}
    listed = config.get(key) or []
    if not isinstance(listed, list):
        where = Place(shown(file), key=key)
        raise RefusedError(Refusal(where, "is no list", "expected exceptions, [] for none"))
    text = file.read_text(encoding="utf-8")
    text = text if text.endswith("\n") else f"{text}\n"
    written = _with_entry(text, key, listed, entry)
    expected = {**before, "config": {**config, key: [*listed, dict(entry)]}}
    if yaml.safe_load(written) != expected:
        what, how = "cannot be written to as it is", "expected config: with a key a line"
        raise RefusedError(Refusal(Place(shown(file)), what, how))
    file.write_text(written, encoding="utf-8")


def _with_entry(text: str, key: str, listed: list[Any], entry: Mapping[str, Any]) -> str:
    # A text of JSON is one of YAML: a day in quotes stays a text.
    line = f"    - {json.dumps(dict(entry), ensure_ascii=False)}\n"
    head = re.search(rf"^  ['\"]?{re.escape(key)}['\"]?:.*\n", text, re.MULTILINE)
    if head is not None and listed:
        after = _NEXT.search(text, head.end())
        end = after.start() if after else len(text)
        return text[:end] + line + text[end:]
    if head is not None:
        return f"{text[: head.start()]}  {key}:\n{line}{text[head.end() :]}"
    config = re.search(r"^config:[^\n]*\n", text, re.MULTILINE)
    if config is None:
        return f"{text}config:\n  {key}:\n{line}"
    begin = config.start()
    shown_config = "config:\n" if config[0].strip() in ("config:", "config: {}") else config[0]
    return f"{text[:begin]}{shown_config}  {key}:\n{line}{text[config.end() :]}"
