"""What a setting may be: each rule turns one configured text into a checked value, or refuses it.

Pulumi hands every value over as text: lists and objects as JSON.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final, cast
from urllib.parse import urlsplit

import pulumi

from components.alert_routing import SmsNumber
from components.alerts import suppression_window
from components.alerts.metric_overrides import configured
from components.alerts.suppression_window import SuppressionWindow
from components.content import login_sources, rule_exception
from components.detection_set import DetectionException, DetectionOverride
from components.limits import database, receiver
from components.limits import tags as tag_limits
from components.limits.alert_rule import MUTE_DURATIONS
from components.limits.app_service import most_instances
from components.limits.refusal import ABSENT, Place, Refusal, RefusedError, nearest
from components.limits.regions import REGIONS, expected
from components.platform_alerts import MetricOverride
from settings.setting import Rule

REHEARSAL_STACK: Final = "local"  # its webhook may be this machine's own
MAX_INSTANCES: Final = most_instances("P1v3")
MAX_DAILY_CAP_GB: Final = 4000
"""Nobody's log lines of one login; a slip of the finger."""

# What the app takes for a hash (`_hash_cost` of its settings).
LEAST_KIB: Final = 7 * 1024
MOST_KIB: Final = 1024 * 1024
MOST_PASSES: Final = 20
LEAST_WORK: Final = 35_000

_PASSWORD_LENGTH: Final = 12
_USER_NAME_LENGTH: Final = 150  # of the app's column
_OWN_TAGS: Final = ("project", "stack")


def _list(text: str) -> list[Any]:
    found = _json(text)
    if not isinstance(found, list):
        raise RefusedError.of("is no list")
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _object(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise RefusedError.of("is no object")
    return found


def _refuse(refusals: Iterable[Refusal]) -> None:
    if found := tuple(refusals):
        raise RefusedError(*found)


def _inside(path: str, what: str, expected: str = "", value: object = ABSENT) -> Refusal:
    """Of something inside a value; `path` goes on from the setting's key: `[0].name`."""
    return Refusal(Place(key=path), what, expected, value)


def _texts(text: str, noun: str) -> tuple[str, ...]:
    """The entries of a list of texts, each of them once."""
    found = _list(text)
    _refuse(
        _inside(f"[{number}]", "is no text", f"expected {noun} in quotes", each)
        for number, each in enumerate(found)
        if not isinstance(each, str)
    )
    seen: set[str] = set()
    for number, each in enumerate(found):
        if each.lower() in seen:
            again = "is named a second time"
            raise RefusedError(_inside(f"[{number}]", again, f"expected {noun} once", each))
        seen.add(each.lower())
    return tuple(found)


def _region(text: str) -> str:
    if text not in REGIONS:
        short = "".join(text.lower().split())  # `West Europe` is how people know it
        raise RefusedError.of("is no Azure region", expected(short))
    return text


region: Final = Rule("string", _region, "the short name of a region, such as westeurope")


def _addresses(text: str) -> tuple[str, ...]:
    found = _texts(text, "each address")
    wrong = receiver.address_problems("", found)
    _refuse(_inside(each.path, each.reason) for each in wrong)
    return found


def _some_addresses(text: str) -> tuple[str, ...]:
    found = _addresses(text)
    if not found:
        raise RefusedError.of("is empty")
    return found


addresses: Final = Rule("array", _addresses, "mail addresses, [] for none", items="string")
some_addresses: Final = Rule("array", _some_addresses, "a mail address or more", items="string")


def _sms_numbers(text: str) -> tuple[SmsNumber, ...]:
    found, faults = [], []
    for number, each in enumerate(_texts(text, "each number")):
        parts = re.fullmatch(r"\+(\d{1,3})[ -](\d[\d -]*)", each)
        if parts is None:
            expected = "expected one such as +49 15112345678"
            faults.append(_inside(f"[{number}]", "is no telephone number", expected, each))
            continue
        country, rest = parts[1], re.sub(r"\D", "", parts[2])
        wrong = receiver.number_problems("", [(country, rest)])
        faults += [_inside(f"[{number}]", problem.reason) for problem in wrong]
        found.append(SmsNumber(country_code=country, number=rest))
    too_many = receiver.number_problems("", [("1", "0000")] * len(found))
    _refuse(faults or [_inside(each.path, each.reason) for each in too_many])
    return tuple(found)


sms_numbers: Final = Rule(
    "array", _sms_numbers, "numbers such as +49 15112345678, [] for none", items="string"
)


def _windows(text: str) -> tuple[SuppressionWindow, ...]:
    found, wrong = suppression_window.read(_list(text), "")
    _refuse(_inside(each.key, str(each).removeprefix(each.key).lstrip()) for each in wrong)
    return tuple(found)


windows: Final = Rule("array", _windows, "a list of windows, [] for none", items="object")


def _webhook(text: str) -> str | None:
    if not text:
        return None
    url = urlsplit(text)
    is_here = _is_loopback(url.hostname or "")
    if pulumi.get_stack() == REHEARSAL_STACK and is_here and url.scheme in ("http", "https"):
        return text
    if url.scheme != "https" or not url.hostname:
        raise RefusedError.of("is no https URL")
    if is_here:
        raise RefusedError.of("leads to the machine it is called from", "expected a public address")
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


webhook: Final = Rule("string", _webhook, "an https URL, or nothing")


def whole(low: int, high: int, unit: str = "") -> Rule[int]:
    """A whole number from `low` to `high`."""

    def read(text: str) -> int:
        if not re.fullmatch(r"-?\d+(\.0)?", text):
            raise RefusedError.of("is no whole number")
        number = int(float(text))
        if not low <= number <= high:
            raise RefusedError.of("is out of range")
        return number

    return Rule("integer", read, f"{low} to {high}{unit}")


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise RefusedError.of("is no truth value")
    return text == "true"


flag: Final = Rule("boolean", _flag, "true or false")


def one_of(known: Sequence[str], takes: str = "") -> Rule[str]:
    """One of some words; `takes` says it shorter where they are many."""

    def read(text: str) -> str:
        if text not in known:
            guess = nearest(text, known)
            raise RefusedError.of("is not offered", guess if guess.startswith("did") else "")
        return text

    return Rule("string", read, takes or _either(known))


def version(known: Sequence[str]) -> Rule[str]:
    """One of some versions, such as 3.12; without quotes, YAML makes a number of it."""

    def read(text: str) -> str:
        if text in known:
            return text
        lost = [each for each in known if each == f"{text}0"]
        hint = f"expected one of {', '.join(known)}, in quotes"
        if lost or re.fullmatch(r"\d+\.\d", text):
            hint += f": without them {text}0 is read as the number {text}"
        raise RefusedError.of("is not offered", hint)

    return Rule("string", read, f"{known[0]} to {known[-1]}, in quotes")


def _either(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _mute(text: str) -> str | None:
    return one_of(MUTE_DURATIONS, "").read(text) if text else None


mute: Final = Rule("string", _mute, f"nothing, or one of {', '.join(MUTE_DURATIONS)}")


def _rate_limit(text: str) -> str:
    unit = r"(second|minute|hour|day|month|year)s?"
    single = rf"\s*0*[1-9]\d*\s*(/|per)\s*(\d+\s*)?{unit}\s*"
    if not re.fullmatch(rf"{single}([,;|]{single})*", text, re.IGNORECASE):
        raise RefusedError.of("is no rate limit")
    return text


rate_limit: Final = Rule("string", _rate_limit, "a limit such as 30 per minute")


def _user_names(text: str) -> tuple[str, ...]:
    found = _texts(text, "each name")
    # The app reads them as one text, separated by commas.
    _refuse(
        _inside(f"[{number}]", "is no user name", "expected one without a comma", each)
        for number, each in enumerate(found)
        if not each.strip() or "," in each
    )
    return found


user_names: Final = Rule("array", _user_names, "user names, [] for nobody", items="string")


def _hash_cost(text: str) -> str:
    found = re.fullmatch(r"m=(\d{1,7}),t=(\d{1,2})", text)
    memory, passes = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (LEAST_KIB <= memory <= MOST_KIB and 1 <= passes <= MOST_PASSES):
        raise RefusedError.of("is no cost of a hash")
    if memory * passes < LEAST_WORK:
        raise RefusedError.of("makes guesses too cheap")
    return text


hash_cost: Final = Rule(
    "string", _hash_cost, "KiB and passes of argon2id, at least as dear as m=12288,t=3"
)


def _selection(text: str) -> tuple[str, ...]:
    words = json.dumps([word.strip() for word in text.split(",") if word.strip()])
    chosen = _texts(text if text.startswith("[") else words, "each detection")
    if not chosen:
        raise RefusedError.of("is empty")
    return chosen


selection: Final = Rule(
    "array", _selection, "the one word essential or all, or slugs", items="string"
)


def _sources(text: str) -> tuple[str, ...]:
    chosen = _texts(text, "each source")
    offered = login_sources.known()
    if not chosen:
        raise RefusedError.of("is empty")
    _refuse(
        _inside(f"[{number}]", "is no source", nearest(each, offered), each)
        for number, each in enumerate(chosen)
        if each not in offered
    )
    return chosen


sources_of_logins: Final = Rule(
    "array", _sources, "one or more of the sources of docs/sources.md", items="string"
)


def _networks(text: str) -> tuple[str, ...]:
    found = _texts(text, "each network")
    _refuse(_network_faults(found))
    return found


def _network_faults(texts: Sequence[str]) -> Iterable[Refusal]:
    for number, text in enumerate(texts):
        try:
            ip_network(text)
        except ValueError as error:
            expected = "expected one such as 198.51.100.0/24"
            yield _inside(f"[{number}]", f"is no network ({error})", expected, text)


networks: Final = Rule("array", _networks, "addresses and networks, [] for none", items="string")


def _database_size(text: str) -> str:
    try:
        database.tier(text)
    except ValueError as error:
        raise RefusedError.of("is no size of a flexible server", _expectation(error)) from None
    return text


def _expectation(error: ValueError) -> str:
    return str(error).partition("; ")[2]


database_size: Final = Rule("string", _database_size, "a size such as Standard_B1ms")


def _firewall_ranges(text: str) -> tuple[str, ...]:
    found = _texts(text, "each range")
    faults = []
    for number, each in enumerate(found):
        try:
            database.firewall_range(each)
        except ValueError as error:
            faults.append(_inside(f"[{number}]", str(error)))
    _refuse(faults)
    return found


firewall_ranges: Final = Rule(
    "array", _firewall_ranges, "IPv4 addresses or ranges, [] for a private server", items="string"
)


def _by_name(text: str) -> dict[str, Any]:
    """An object of objects."""
    found = _object(text)
    _refuse(
        _inside(f".{name}", "is no object", "expected its changes by name", changes)
        for name, changes in found.items()
        if not isinstance(changes, dict)
    )
    return found


def _detection_overrides(text: str) -> Mapping[str, DetectionOverride]:
    return _by_name(text)


detection_overrides: Final = Rule(
    "object", _detection_overrides, "an object of changes by slug, {} for none"
)


def _exceptions(text: str) -> tuple[DetectionException, ...]:
    found = _list(text)
    _refuse(
        _inside(f"[{number}]", "is no object", "expected reason, expires and whom", each)
        for number, each in enumerate(found)
        if not isinstance(each, dict)
    )
    faults = []
    for number, entry in enumerate(found):
        try:
            rule_exception.read(entry)
        except RefusedError as error:
            faults += [each.below(f"[{number}]") for each in error.refusals]
    _refuse(faults)
    names = {"userAgent": "user_agent"}
    return tuple(
        cast(DetectionException, {names.get(key, key): value for key, value in entry.items()})
        for entry in found
    )


exceptions: Final = Rule("array", _exceptions, "a list of exceptions, [] for none", items="object")


def _metric_overrides(text: str) -> Mapping[str, MetricOverride]:
    found = _by_name(text)
    configured(found)
    return found


metric_overrides: Final = Rule(
    "object", _metric_overrides, "an object of changes by alert, {} for none"
)


def _users(text: str) -> Mapping[str, str] | None:
    """As the app takes them; it would end at its start otherwise."""
    found = _object(text)
    for name, password in found.items():
        canonical = unicodedata.normalize("NFC", name)
        if not canonical.isprintable() or not 0 < len(canonical) <= _USER_NAME_LENGTH:
            wrong = f"has the user name {name[:40]!a}, with which nobody can sign in"
            raise RefusedError.of(wrong, f"expected 1 to {_USER_NAME_LENGTH} printable characters")
        if not isinstance(password, str):
            raise RefusedError.of(f"has no text for {name!r}", "expected a password in quotes")
        if len(password) < _PASSWORD_LENGTH:
            short = f"has a password for {name!r} that is too short"
            raise RefusedError.of(short, f"expected at least {_PASSWORD_LENGTH} characters")
    return found or None


users: Final = Rule(
    "object", _users, f"a password for each user, of {_PASSWORD_LENGTH} characters or more"
)


def _tags(text: str) -> Mapping[str, str]:
    found = _object(text)
    _refuse(
        _inside(f".{name}", "is no text", "expected the value in quotes", value)
        for name, value in found.items()
        if not isinstance(value, str)
    )
    wrong = tag_limits.problems(found, tag_limits.MAX_TAGS - len(_OWN_TAGS))
    _refuse(_inside(f".{name[:40]}" if name else "", words) for name, words in wrong)
    return found


tags: Final = Rule("object", _tags, "an object of names and texts, {} for none")
