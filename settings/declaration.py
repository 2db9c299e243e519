"""The rows as others need them: Pulumi.yaml's `config:` block, the table of docs/settings.md."""

import json
import re
import textwrap
from typing import Any, Final

from components.limits.letter_case import camel
from settings.rows import ROWS
from settings.setting import REQUIRED, Setting

_BLOCK: Final = re.compile(r"^config:.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_HEADING: Final = (
    "config: # Written by `make docs` from settings/rows.py; a setting is changed there.\n"
)
_NOTE: Final = (
    "    # Not `secret: true`: the CLI refuses the default then. The program keeps it secret."
)
_WIDTH: Final = 120
_FOLDED: Final[dict[str, Any]] = {
    **{"initial_indent": "      ", "subsequent_indent": "      "},
    **{"break_long_words": False, "break_on_hyphens": False},
}


def project_file(text: str) -> str:
    """Pulumi.yaml with the `config:` block of the rows, where it has one."""
    return _BLOCK.sub(lambda _: config_block(), text, count=1)


def config_block() -> str:
    """One entry a row, with everything that the CLI checks and people read."""
    return _HEADING + "".join(_entry(row) for row in ROWS.values())


def _entry(row: Setting) -> str:
    lines = [f"  {row.key}:"]
    if row.secret and row.default is not REQUIRED:
        lines.append(_NOTE)
    lines.append(f"    type: {row.rule.type}")
    if row.rule.items:
        lines += ["    items:", f"      type: {row.rule.items}"]
    if row.default is not REQUIRED:
        lines.append(f"    default: {_yaml(row.default)}")
    lines += ["    description: >-", *textwrap.wrap(description(row), _WIDTH, **_FOLDED)]
    return "\n".join(lines) + "\n"


def _yaml(value: object) -> str:
    """JSON is YAML; a word that is nothing but a word needs no quotes."""
    text = json.dumps(value)
    return text.strip('"') if re.fullmatch(r'"[A-Za-z][\w ]*"', text) else text


def description(row: Setting) -> str:
    """What it does, and what it does not do alone."""
    sentence = row.sentence.format(takes=row.rule.takes, command=row.command)
    return f"{sentence} Only with {camel(row.only_with)}." if row.only_with else sentence


def table_row(row: Setting) -> tuple[str, str, str, str]:
    """Key, type, default, what it does."""
    return (f"`{row.key}`", row.rule.type, _default(row), description(row))


def _default(row: Setting) -> str:
    if row.default is REQUIRED:
        return "required"
    is_text = isinstance(row.default, str) and row.default != ""
    return f"`{row.default if is_text else json.dumps(row.default)}`"
