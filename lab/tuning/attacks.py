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
from typing import Final

from components.content import yaml_file
from components.content.yaml_file import Yaml
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.azure.monitor.log_search.alert import Alert
from lab.clock import rfc3339

KEYS = ("from", "to", "label", "names")
_EXPECTED: Final = "expected a list of attacks"


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
    """The attacks in order of time; RefusedError has everything that is wrong with the file."""
    file = _lines_as_list(path) if path.suffix == ".jsonl" else yaml_file.read(path, _EXPECTED)
    if not isinstance(file.value, list):
        raise RefusedError(Refusal(Place(file.file, 1), "the file is not a list", _EXPECTED))
    found: list[KnownAttack] = []
    refusals: list[Refusal] = []
    for number in range(len(file.value)):
        try:
            found.append(_attack(file.at(number)))
        except RefusedError as error:
            refusals += error.refusals
    if refusals:
        raise RefusedError(*refusals)
    return sorted(found, key=lambda each: (each.begin, each.end, each.label))


def _lines_as_list(path: Path) -> Yaml:
    """One JSON object a line, each an entry; JSON is YAML, too."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        where = Place(shown(path))
        raise RefusedError(Refusal(where, "the file is not UTF-8", _EXPECTED)) from error
    text = "\n".join(f"- {line}" if line.strip() else "" for line in lines)
    return yaml_file.parse(text, shown(path), _EXPECTED)


def _attack(entry: Yaml) -> KnownAttack:
    given = entry.mapping(KEYS)
    begin, end = _time(entry, "from"), _time(entry, "to")
    if end < begin:
        what, expected = f"lies before {given['from']}", "expected it later"
        raise RefusedError(Refusal(entry.where("to"), what, expected, given["to"]))
    names = given.get("names") or []
    if not isinstance(names, list):
        expected = "expected a list of addresses and accounts"
        raise RefusedError(Refusal(entry.where("names"), "is not allowed", expected, names))
    label = str(given.get("label") or f"attack of {begin:%Y-%m-%d %H:%M}")
    return KnownAttack(begin, end, label, tuple(str(each) for each in names))


def _time(entry: Yaml, key: str) -> datetime:
    value = entry.value.get(key)
    expected = "expected an RFC 3339 time such as 2026-01-05T08:00:00Z"
    if not isinstance(value, str):
        raise RefusedError(Refusal(entry.where(key), "is missing", expected))
    try:
        return rfc3339.parse(value)
    except ValueError as error:
        where = entry.where(key)
        raise RefusedError(Refusal(where, "cannot be read", expected, value)) from error


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
