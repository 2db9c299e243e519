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


def add(file: Path, entry: Mapping[str, Any]) -> None:
    """RefusedError where the file cannot be read, or its list is written in a form of its own."""
    key = Project.read(file.parent, any_language=True).full_key(_SETTING)
    before = read_yaml(file, required=True).value
    config = before.get("config") or {}
    listed = config.get(key) or []
    if not isinstance(listed, list):
        where = Place(shown(file), key=key)
        raise RefusedError(Refusal(where, "is no list", "expected exceptions, [] for none"))
    with file.open(encoding="utf-8", newline="") as opened:
        original = opened.read()
    text = original.replace("\r\n", "\n")
    text = text if text.endswith("\n") else f"{text}\n"
    written = _with_entry(text, key, listed, entry)
    expected = {**before, "config": {**config, key: [*listed, dict(entry)]}}
    if _read(written) != expected:
        what, how = "cannot be written to as it is", "expected config: with a key a line"
        raise RefusedError(Refusal(Place(shown(file)), what, how))
    ending = "\r\n" if "\r\n" in original else "\n"
    file.write_text(written, encoding="utf-8", newline=ending)


def _read(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def _with_entry(text: str, key: str, listed: list[Any], entry: Mapping[str, Any]) -> str:
    # A text of JSON is one of YAML: a day in quotes stays a text.
    item = f"- {json.dumps(dict(entry), ensure_ascii=False)}\n"
    head = re.search(rf"^( +)['\"]?{re.escape(key)}['\"]?:.*\n", text, re.MULTILINE)
    if head is None:
        return _with_key(text, key, item)
    if not listed:
        return f"{text[: head.start()]}{head[1]}{key}:\n{head[1]}  {item}{text[head.end() :]}"
    end, indent, is_known = head.end(), f"{head[1]}  ", False
    for line in text[head.end() :].splitlines(keepends=True):
        bare = line.lstrip(" ")
        depth = len(line) - len(bare)
        if bare.startswith("- ") and not is_known:
            indent, is_known = " " * depth, True
        if bare.strip() and depth <= len(head[1]) and not line.startswith(f"{indent}- "):
            break
        end += len(line)
    return f"{text[:end]}{indent}{item}{text[end:]}"


def _with_key(text: str, key: str, item: str) -> str:
    config = re.search(r"^config:[^\n]*\n(?: *(?:#[^\n]*)?\n)*( *)", text, re.MULTILINE)
    if config is None:
        return f"{text}config:\n  {key}:\n    {item}"
    indent = config[1] or "  "
    first = text[config.start() : text.index("\n", config.start()) + 1]
    own = "config:\n" if first.strip() in ("config:", "config: {}") else first
    rest = text[config.start() + len(first) :]
    return f"{text[: config.start()]}{own}{indent}{key}:\n{indent}  {item}{rest}"
