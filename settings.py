"""The stack's settings: read once, checked against each other, before any resource exists.

The keys, their types and their defaults stand in Pulumi.yaml; this is their only reader.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pulumi
from pulumi.runtime.config import CONFIG

from components.alert_rule_limits import MUTE_DURATIONS
from components.app_service_limits import PYTHON_VERSIONS, SKUS
from components.detection import DetectionError
from components.detection_set import DetectionOverride, chosen_detections
from components.kql_file import nearest

REHEARSAL_STACK = "local"  # its webhook may be this machine's own

_ADDRESS_LIMIT = 64  # of an action group's e-mail receiver
_PASSWORD_LENGTH = 12
_TAG_LIMIT = 50


class SettingsError(pulumi.RunError):
    """Settings that cannot work, one a line; the engine shows a RunError without a traceback."""


class _RefusedError(Exception):
    """What is wrong with one value, and what is expected where that depends on the value."""

    def __init__(self, problem: str, expectation: str | None = None) -> None:
        super().__init__(problem)
        self.problem, self.expectation = problem, expectation


@dataclass(frozen=True)
class Settings:
    """Checked settings, in the words of Pulumi.yaml."""

    location: str
    alert_emails: tuple[str, ...]
    webhook_url: str | None = field(repr=False)
    retention_days: int
    daily_cap_gb: int
    protect_log_store: bool
    app_service_sku: str
    instances: int
    python_version: str
    rate_limit: str
    initial_users: Mapping[str, str] = field(repr=False)
    detections: tuple[str, ...]
    detection_overrides: Mapping[str, DetectionOverride]
    mute_duration: str | None
    tags: Mapping[str, str]


def read(config: pulumi.Config | None = None) -> Settings:
    """The settings of the current stack; SettingsError tells everything that is wrong at once."""
    config = config or pulumi.Config()
    problems = _unknown(config.name)
    values: dict[str, Any] = {}
    for key, rule in _KEYS.items():
        text = config.get(key)
        try:
            if text is None:
                raise _RefusedError("is missing")
            values[key] = rule.read(text)
        except _RefusedError as refused:
            shown = "" if text is None else " (hidden)" if rule.is_secret else f" {text}"
            expectation = refused.expectation or rule.expectation
            problems.append(f"{key}{shown} {refused.problem}; {expectation}")
    problems += _across(values)
    if problems:
        listed = "\n".join(f"  - {each}" for each in problems)
        raise SettingsError(f"stack {pulumi.get_stack()} has settings that cannot work:\n{listed}")
    values["tags"] = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        **values["tags"],
    }
    return Settings(**{_snake(key): value for key, value in values.items()})


def _unknown(project: str) -> list[str]:
    """Keys that nobody reads: most often a slip of the finger."""
    given = [key.partition(":")[2] for key in CONFIG.get() if key.startswith(f"{project}:")]
    return [
        f"{key} is no setting; {nearest(key, _KEYS)}" for key in sorted(given) if key not in _KEYS
    ]


def _across(values: Mapping[str, Any]) -> list[str]:
    """Rules between settings, when each of them is sound by itself."""
    needed = ("detections", "detectionOverrides", "muteDuration")
    if any(key not in values for key in needed):
        return []
    try:
        chosen_detections(*(values[key] for key in needed))
    except DetectionError as error:
        return str(error).splitlines()
    return []


def _snake(key: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[0].lower()}", key)


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{4,}[0-9]?", text) or text == "global":
        raise _RefusedError("is no region's name")
    return text


def _addresses(text: str) -> tuple[str, ...]:
    addresses = _texts(text)
    if not addresses:
        raise _RefusedError("is empty")
    for address in addresses:
        if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+", address):
            raise _RefusedError(f"has {address!r}, which is no e-mail address")
        if len(address) > _ADDRESS_LIMIT:
            length = f"has an address of {len(address)} characters"
            raise _RefusedError(length, f"expected at most {_ADDRESS_LIMIT}")
    if len({address.lower() for address in addresses}) < len(addresses):
        raise _RefusedError("names an address twice", "expected each address once")
    return addresses


def _webhook(text: str) -> str | None:
    if not text:
        return None
    url = urlsplit(text)
    is_here = _is_loopback(url.hostname or "")
    if pulumi.get_stack() == REHEARSAL_STACK and is_here and url.scheme in ("http", "https"):
        return text
    if url.scheme != "https" or not url.hostname:
        raise _RefusedError("is no https URL")
    if is_here:
        raise _RefusedError("leads to the machine it is called from", "expected a public address")
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read_whole(text: str) -> int:
        if not re.fullmatch(r"-?\d+(\.0)?", text):
            raise _RefusedError("is no whole number")
        number = int(float(text))
        if not low <= number <= high:
            raise _RefusedError("is out of range")
        return number

    return read_whole


def _instances(text: str) -> int:
    number = _whole(1, 30)(text)
    if number > 1:
        raise _RefusedError("cannot work with rate limits in memory, which every instance counts")
    return number


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise _RefusedError("is no truth value")
    return text == "true"


def _one_of(known: Sequence[str]) -> Callable[[str], str]:
    def read_one(text: str) -> str:
        if text not in known:
            raise _RefusedError("is not offered", nearest(text, known))
        return text

    return read_one


def _mute(text: str) -> str | None:
    return _one_of(MUTE_DURATIONS)(text) if text else None


def _rate_limit(text: str) -> str:
    unit = r"(second|minute|hour|day|month|year)s?"
    single = rf"\s*0*[1-9]\d*\s*(/|per)\s*(\d+\s*)?{unit}\s*"
    if not re.fullmatch(rf"{single}([,;|]{single})*", text, re.IGNORECASE):
        raise _RefusedError("is no rate limit")
    return text


def _selection(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    chosen = _texts(text) if text.startswith("[") else words
    if not chosen:
        raise _RefusedError("is empty")
    return chosen


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _texts(text: str) -> tuple[str, ...]:
    found = _json(text)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise _RefusedError("is no list of texts")
    return tuple(found)


def _object(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise _RefusedError("is no object")
    return found


def _overrides(text: str) -> dict[str, Any]:
    overrides = _object(text)
    if wrong := [slug for slug, changes in overrides.items() if not isinstance(changes, dict)]:
        raise _RefusedError(f"has no object for {', '.join(wrong)}")
    return overrides


def _users(text: str) -> dict[str, str]:
    users = _object(text)
    for name, password in users.items():
        if not isinstance(password, str) or len(password) < _PASSWORD_LENGTH:
            short = f"has a password for {name!r} that is too short"
            raise _RefusedError(short, f"expected at least {_PASSWORD_LENGTH} characters")
    return users


def _tags(text: str) -> dict[str, str]:
    tags = _object(text)
    if wrong := [name for name, value in tags.items() if not isinstance(value, str)]:
        raise _RefusedError(f"has no text for {', '.join(wrong)}")
    if wrong := [name for name in tags if not name or re.search(r"[<>%&\\?/]", name)]:
        raise _RefusedError(
            f"has the name {wrong[0]!r}", "expected names without any of < > % & \\ ? /"
        )
    if len(tags) > _TAG_LIMIT - 2:
        raise _RefusedError(f"has {len(tags)} entries", f"expected at most {_TAG_LIMIT - 2}")
    return tags


class _Key(NamedTuple):
    """How one key is read, and what is expected of it."""

    read: Callable[[str], Any]
    expectation: str
    is_secret: bool = False


_KEYS: dict[str, _Key] = {
    "location": _Key(_region, "expected the short name of an Azure region, such as westeurope"),
    "alertEmails": _Key(
        _addresses,
        "expected an address or more: pulumi config set --path 'alertEmails[0]' <address>",
    ),
    "webhookUrl": _Key(
        _webhook, "expected https://…: pulumi config set --secret webhookUrl <url>", is_secret=True
    ),
    "retentionDays": _Key(_whole(30, 730), "expected 30 to 730"),
    "dailyCapGb": _Key(_whole(0, 4000), "expected whole gigabytes a day, 0 for no cap"),
    "protectLogStore": _Key(_flag, "expected true or false"),
    "appServiceSku": _Key(_one_of(SKUS), f"expected one of {', '.join(SKUS)}"),
    "instances": _Key(_instances, "expected 1"),
    "pythonVersion": _Key(
        _one_of(PYTHON_VERSIONS), f"expected one of {', '.join(PYTHON_VERSIONS)}"
    ),
    "rateLimit": _Key(_rate_limit, "expected a limit such as 30 per minute"),
    "initialUsers": _Key(
        _users,
        "expected a password for each user: pulumi config set --secret --path initialUsers.<name>",
        is_secret=True,
    ),
    "detections": _Key(_selection, "expected essential, all, or a list of slugs"),
    "detectionOverrides": _Key(_overrides, "expected an object of changes by slug"),
    "muteDuration": _Key(_mute, f"expected nothing, or one of {', '.join(MUTE_DURATIONS)}"),
    "tags": _Key(_tags, "expected an object of names and texts"),
}
