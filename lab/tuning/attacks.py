"""Attacks that are known to be in recorded rows: a file of labels.

    - {from: 2026-01-05T08:00:00Z, to: 2026-01-05T08:10:00Z, label: spray of Monday}
    - {from: 2026-01-06T02:00:00Z, to: 2026-01-06T05:00:00Z, label: slow one, names: [198.51.100.7]}

A list in YAML or JSON, or one JSON object a line. `names` are addresses and accounts of the
attacker's; with them an alert belongs to the attack only when a dimension of it has one.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from components.limits.refusal import nearest, shown
from lab.azure.monitor.log_search.alert import Alert
from lab.clock import rfc3339

KEYS = ("from", "to", "label", "names")


class AttacksError(ValueError):
    """Labels that cannot be read; one line a problem, with file and line."""


@dataclass(frozen=True)
class KnownAttack:
    """When somebody attacked, and by what names the alerts may know it."""

    begin: datetime
    end: datetime
    label: str
    names: tuple[str, ...] = ()

    def explains(self, alert: Alert) -> bool:
        """Whether the alert's window touches the attack, and names somebody of it."""
        if alert.window_end < self.begin or self.end < alert.window_start:
            return False
        if not self.names or not alert.dimensions:
            return True
        return any(_is_named(value, self.names) for value in alert.dimensions.values())


def read(path: Path) -> list[KnownAttack]:
    """The attacks in order of time; AttacksError lists everything wrong with the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise AttacksError(f"the file is not UTF-8; expected YAML ({shown(path)}:1)") from error
    if path.suffix == ".jsonl":
        text = "\n".join(f"- {line}" if line.strip() else "" for line in text.splitlines())
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        given = yaml.load(text, Loader=_Plain)  # noqa: S506  # SafeLoader without its dates
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise AttacksError(
            f"the file is no YAML; expected a list of attacks ({shown(path)}:{line})"
        ) from error
    if not isinstance(given, list) or not isinstance(node, yaml.SequenceNode):
        raise AttacksError(f"the file is no list; expected one of attacks ({shown(path)}:1)")
    found: list[KnownAttack] = []
    problems: list[str] = []
    for entry, its_node in zip(given, node.value, strict=True):
        where = f"{shown(path)}:{its_node.start_mark.line + 1}"
        try:
            found.append(_attack(entry))
        except ValueError as error:
            problems.append(f"{error} ({where})")
    if problems:
        raise AttacksError("\n".join(problems))
    return sorted(found, key=lambda each: (each.begin, each.end, each.label))


def _attack(entry: Any) -> KnownAttack:
    if not isinstance(entry, dict):
        raise ValueError(f"attack {entry!r} is no mapping; expected keys {', '.join(KEYS)}")
    for key in entry:
        if key not in KEYS:
            raise ValueError(f"key {key!r} is unknown; {nearest(str(key), KEYS)}")
    begin, end = _moment(entry, "from"), _moment(entry, "to")
    if end < begin:
        raise ValueError(f"to {entry['to']} lies before from {entry['from']}; expected it later")
    names = entry.get("names") or []
    if not isinstance(names, list):
        raise ValueError(f"names {names!r} are no list; expected addresses and accounts")
    label = str(entry.get("label") or f"attack of {begin:%Y-%m-%d %H:%M}")
    return KnownAttack(begin, end, label, tuple(str(each) for each in names))


def _moment(entry: dict[str, Any], key: str) -> datetime:
    value = entry.get(key)
    if not isinstance(value, str):
        raise ValueError(
            f"{key} is missing; expected an RFC 3339 time such as 2026-01-05T08:00:00Z"
        )
    try:
        return rfc3339.parse(value)
    except ValueError as error:
        raise ValueError(f"{key} {value!r} cannot be read; expected RFC 3339") from error


def _is_named(value: str, names: tuple[str, ...]) -> bool:
    folded = value.strip().lower()
    if folded in (name.strip().lower() for name in names):
        return True
    try:
        network = ipaddress.ip_network(folded.replace(":/64", "::/64"), strict=False)
        return any(ipaddress.ip_address(name) in network for name in names if _is_address(name))
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class _Plain(yaml.SafeLoader):
    """Times stay texts, so that one without its zone is read by our own rules."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
