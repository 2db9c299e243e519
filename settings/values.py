"""Values of settings: each reader turns one configured text into a checked value, or refuses it.

Pulumi hands every value over as text: lists and objects as JSON.
"""

import json
import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

import pulumi

from components.alert_routing import SmsNumber
from components.alerts import suppression_window
from components.alerts.metric_overrides import MetricOverrideError, configured
from components.alerts.suppression_window import SuppressionWindow
from components.limits import receiver
from components.limits.alert_rule import MUTE_DURATIONS
from components.limits.refusal import nearest
from components.limits.regions import REGIONS, expected
from components.playbook.definition import MODES

CAPTCHAS = ("off", "adaptive", "always")
INITIAL_PASSWORDS = ("change", "keep")
# What the app takes for a hash of argon2id (`_hash_cost` of its settings).
LEAST_KIB, MOST_KIB, MOST_PASSES, LEAST_WORK = 7 * 1024, 1024 * 1024, 20, 35_000
DATABASES = ("none", "postgres")
PLAYBOOKS = ("none", *MODES)
REHEARSAL_STACK = "local"  # its webhook may be this machine's own

_PASSWORD_LENGTH = 12
_TAG_LIMIT = 50
_TAG_NAME_LENGTH, _TAG_VALUE_LENGTH = 512, 256


class RefusedError(Exception):
    """What is wrong with one value, and what is expected where that depends on the value.

    `lines` are whole messages, for a value with several things wrong inside it.
    """

    def __init__(
        self, problem: str, expectation: str | None = None, lines: Sequence[str] = ()
    ) -> None:
        super().__init__(problem)
        self.problem, self.expectation, self.lines = problem, expectation, tuple(lines)


def text(given: str) -> str:
    if not given.strip():
        raise RefusedError("is empty")
    return given


def texts(text: str) -> tuple[str, ...]:
    found = _json(text)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise RefusedError("is no list of texts")
    return tuple(found)


def region(text: str) -> str:
    if text not in REGIONS:
        short = "".join(text.lower().split())  # `West Europe` is how people know it
        raise RefusedError("is no Azure region", expected(short))
    return text


def addresses(text: str) -> tuple[str, ...]:
    found = more_addresses(text)
    if not found:
        raise RefusedError("is empty")
    return found


def more_addresses(text: str) -> tuple[str, ...]:
    found = texts(text)
    if wrong := receiver.address_problems("", found):
        raise _inside(wrong[0].reason, "an address of")
    if len({address.lower() for address in found}) < len(found):
        raise RefusedError("names an address twice", "expected each address once")
    return found


def sms_numbers(text: str) -> tuple[SmsNumber, ...]:
    found = []
    for each in texts(text):
        parts = re.fullmatch(r"\+(\d{1,3})[ -](\d[\d -]*)", each)
        if parts is None:
            raise RefusedError(f"has {each!r}, which is no telephone number")
        found.append(SmsNumber(country_code=parts[1], number=re.sub(r"\D", "", parts[2])))
    pairs = [(each["country_code"], each["number"]) for each in found]
    if wrong := receiver.number_problems("", pairs):
        raise _inside(wrong[0].reason, "a number of")
    return tuple(found)


def _inside(reason: str, noun: str) -> RefusedError:
    """What is wrong with one entry, said of the list that it stands in."""
    problem, _, expectation = reason.partition("; ")
    problem = re.sub(r"^('.*') is no ", r"has \1, which is no ", problem)
    return RefusedError(re.sub(r"^has (?=\d)", f"has {noun} ", problem), expectation)


def windows(text: str) -> tuple[SuppressionWindow, ...]:
    found, wrong = suppression_window.read(_json(text))
    if wrong:
        raise RefusedError("has windows that cannot work", lines=[str(each) for each in wrong])
    return tuple(found)


def webhook(text: str) -> str | None:
    if not text:
        return None
    url = urlsplit(text)
    is_here = _is_loopback(url.hostname or "")
    if pulumi.get_stack() == REHEARSAL_STACK and is_here and url.scheme in ("http", "https"):
        return text
    if url.scheme != "https" or not url.hostname:
        raise RefusedError("is no https URL")
    if is_here:
        raise RefusedError("leads to the machine it is called from", "expected a public address")
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def whole(low: int, high: int) -> Callable[[str], int]:
    def read_whole(text: str) -> int:
        if not re.fullmatch(r"-?\d+(\.0)?", text):
            raise RefusedError("is no whole number")
        number = int(float(text))
        if not low <= number <= high:
            raise RefusedError("is out of range")
        return number

    return read_whole


def flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise RefusedError("is no truth value")
    return text == "true"


def one_of(known: Sequence[str]) -> Callable[[str], str]:
    def read_one(text: str) -> str:
        if text not in known:
            raise RefusedError("is not offered", nearest(text, known))
        return text

    return read_one


def mute(text: str) -> str | None:
    return one_of(MUTE_DURATIONS)(text) if text else None


def rate_limit(text: str) -> str:
    unit = r"(second|minute|hour|day|month|year)s?"
    single = rf"\s*0*[1-9]\d*\s*(/|per)\s*(\d+\s*)?{unit}\s*"
    if not re.fullmatch(rf"{single}([,;|]{single})*", text, re.IGNORECASE):
        raise RefusedError("is no rate limit")
    return text


def user_names(text: str) -> tuple[str, ...]:
    names = texts(text)
    for name in names:
        # The app reads them as one text, separated by commas.
        if not name.strip() or "," in name:
            raise RefusedError(f"has {name!r}, which is no user name")
    return names


def hash_cost(text: str) -> str:
    found = re.fullmatch(r"m=(\d{1,7}),t=(\d{1,2})", text)
    memory, passes = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (LEAST_KIB <= memory <= MOST_KIB and 1 <= passes <= MOST_PASSES):
        raise RefusedError("is no cost of a hash")
    if memory * passes < LEAST_WORK:
        raise RefusedError("makes guesses too cheap")
    return text


def networks(text: str) -> tuple[str, ...]:
    found = texts(text)
    for each in found:
        try:
            ip_network(each)
        except ValueError as error:
            raise RefusedError(f"has {each!r}: {error}") from None
    return found


def selection(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    chosen = texts(text) if text.startswith("[") else words
    if not chosen:
        raise RefusedError("is empty")
    return chosen


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _object(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise RefusedError("is no object")
    return found


def overrides(text: str) -> dict[str, Any]:
    overrides = _object(text)
    if wrong := [slug for slug, changes in overrides.items() if not isinstance(changes, dict)]:
        raise RefusedError(f"has no object for {', '.join(wrong)}")
    return overrides


def metric_overrides(text: str) -> dict[str, Any]:
    found = overrides(text)
    try:
        configured(found)
    except MetricOverrideError as error:
        raise RefusedError("cannot work", lines=str(error).splitlines()) from None
    return found


def users(text: str) -> dict[str, str]:
    users = _object(text)
    for name, password in users.items():
        if not isinstance(password, str):
            raise RefusedError(f"has no text for {name!r}", "expected a password in quotes")
        if len(password) < _PASSWORD_LENGTH:
            short = f"has a password for {name!r} that is too short"
            raise RefusedError(short, f"expected at least {_PASSWORD_LENGTH} characters")
    return users


def tags(text: str) -> dict[str, str]:
    tags = _object(text)
    if wrong := [name for name, value in tags.items() if not isinstance(value, str)]:
        raise RefusedError(f"has no text for {', '.join(wrong)}")
    if wrong := [name for name in tags if not name or re.search(r"[<>%&\\?/]", name)]:
        raise RefusedError(
            f"has the name {wrong[0]!r}", "expected names without any of < > % & \\ ? /"
        )
    for what, words, limit in (
        ("name", list(tags), _TAG_NAME_LENGTH),
        ("value", list(tags.values()), _TAG_VALUE_LENGTH),
    ):
        if wrong := [each for each in words if len(each) > limit]:
            raise RefusedError(
                f"has a {what} of {len(wrong[0])} characters", f"expected at most {limit}"
            )
    if len(tags) > _TAG_LIMIT - 2:
        raise RefusedError(f"has {len(tags)} entries", f"expected at most {_TAG_LIMIT - 2}")
    return tags
