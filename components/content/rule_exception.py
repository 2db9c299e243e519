"""An exception from alert rules: whose rows do not count, why, and until when. Pure.

It takes rows away before a rule sees them, in the rule's own query, which compares `expires` with
the time of each row: it ends by itself, whether somebody deploys or not, and what came before its
end accuses nobody after it. The same attack from elsewhere still fires. An exception that says
several things is about rows of which all of them are true.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from ipaddress import IPv4Network, ip_address, ip_network
from itertools import accumulate
from typing import Any, Final

from components.content.detection import Detection
from components.content.login_sources import EVENTS, OWN
from components.limits.letter_case import camel
from components.limits.refusal import ABSENT, NOWHERE, Place, Refusal, RefusedError, nearest

WHAT: Final = ("address", "network", "account", "user_agent", "path")
"""What an exception may be about; at least one of them."""
_KEYS: Final = ("detections", *WHAT, "reason", "expires")
WIDEST: Final = 16
"""Prefix of the widest network: an organisation's, and no provider's."""
LONGEST: Final = timedelta(days=366)
_MOST_CHARACTERS: Final = 300
_TOLD: Final = 1500
"""Characters of what an alert says of them; a description has an end (MAX_DESCRIPTION)."""
_LEAST_AGENT: Final = 12
"""Characters of a user agent; `Mozilla/5.0` is everybody's."""


_LAST_ADDRESS: Final = {
    4: r"^.*(?:^|[^0-9./])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?:[^0-9.]|\.?\s*$)",
    6: r"(?i)^.*(?:^|[^0-9a-f:])((?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?:[^0-9a-f:]|$)",
}
"""By the version. What stands before the last address of a line may be a name that somebody typed;
an address is written by what accepted the connection."""


def _event(name: str) -> str:
    return f"tostring(parse_json(ResultDescription).{name})"


_CONSOLE: Final = "AppServiceConsoleLogs"
_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    "AppServiceHTTPLogs": {"address": "CIp", "user_agent": "UserAgent", "path": "CsUriStem"},
    _CONSOLE: {
        "address": _event("SrcIpAddr"),
        "account": _event("TargetUsername"),
        "user_agent": _event("HttpUserAgent"),
    },
    "AppServiceIPSecAuditLogs": {"address": "CIp"},
    "AppServiceAuditLogs": {"address": "UserAddress", "account": "User"},
    "AzureActivity": {"address": "CallerIpAddress", "account": "Caller"},
    "AppEvents": {
        "address": "tostring(Properties.SrcIpAddr)",
        "account": "tostring(Properties.TargetUsername)",
        "user_agent": "tostring(Properties.HttpUserAgent)",
    },
}
"""Table -> what of an exception it can tell, and by which expression."""


@dataclass(frozen=True)
class RuleException:
    """Sound values; `detections` is empty for all of them."""

    reason: str
    expires: datetime
    detections: tuple[str, ...] = ()
    address: str = ""
    network: str = ""
    account: str = ""
    user_agent: str = ""
    path: str = ""

    def concerns(self, found: Detection) -> bool:
        """Whether it takes rows of a detection away: never of one that warns of silence."""
        named = not self.detections or found.slug in self.detections
        return named and not _warns_of_silence(found) and bool(self.conditions(found))

    def conditions(self, found: Detection) -> dict[str, str]:
        """`condition` by table, of the detection's tables that can tell."""
        tables = set(found.tables)
        if (self.account or self.user_agent) and _reads_no_json(found):
            tables.discard(_CONSOLE)
        return {table: kql for table in sorted(tables) if (kql := self.condition(table))}

    def condition(self, table: str) -> str:
        """KQL that is true of the rows that do not count; "" where the table cannot tell.

        It is never null, whatever a row holds: `not` of null would be null, and a row lost.
        """
        columns = _COLUMNS.get(table, {})
        parts = []
        for name in WHAT:
            value = getattr(self, name)
            if not value:
                continue
            column = columns.get("address" if name == "network" else name)
            if column is None:
                return ""
            compared = _compared(name, column, value)
            if table == _CONSOLE and name in ("address", "network"):
                # A line that is no JSON has an address all the same.
                plain = _compared(name, _last_address(value), value)
                compared = f'({compared} or (ResultDescription !startswith "{{" and {plain}))'
            parts.append(compared)
        ends = f"TimeGenerated < datetime({self.expires:%Y-%m-%dT%H:%M:%SZ})"
        return f"{ends} and {' and '.join(parts)}"

    def told(self) -> str:
        """For people: `address 198.51.100.7 until 2026-12-31 (penetration test)`."""
        what = [
            f"{name.replace('_', ' ')} {value}" for name in WHAT if (value := getattr(self, name))
        ]
        return f"{' with '.join(what)} until {self.expires:%Y-%m-%d %H:%M} UTC ({self.reason})"

    def has_ended(self, now: datetime) -> bool:
        return self.expires <= now


def read(given: Mapping[str, Any], today: date | None = None) -> RuleException:
    """The exception that an entry says; RefusedError has everything that is wrong with it.

    Keys in snake case or, as a stack's file has them, in camel case.
    """
    names = {camel(each.name): each.name for each in fields(RuleException)}
    entry = {names.get(key, key): value for key, value in given.items()}
    wrong = [
        Refusal(Place(key=key), "is unknown", nearest(key, [camel(each) for each in _KEYS]))
        for key in entry
        if key not in _KEYS
    ]
    texts = {name: entry.get(name, "") for name in (*WHAT, "reason")}
    wrong += [
        Refusal(Place(key=camel(name)), "is no text", "expected it in quotes", value)
        for name, value in texts.items()
        if not isinstance(value, str)
    ]
    slugs = entry.get("detections") or []
    if not isinstance(slugs, list | tuple) or not all(isinstance(each, str) for each in slugs):
        wrong.append(_refused("detections", "is no list", "expected slugs, [] for all", slugs))
    if wrong:
        raise RefusedError(*wrong)
    wrong += _too_wide(entry)
    reason = " ".join(str(entry.get("reason", "")).split())
    if not reason:
        wrong.append(_refused("reason", "is missing", "expected why, for whoever reads an alert"))
    elif len(reason) > _MOST_CHARACTERS or not reason.isprintable():
        expected = f"expected at most {_MOST_CHARACTERS} printable characters"
        wrong.append(_refused("reason", "cannot be told", expected, reason))
    try:
        expires = _moment(entry.get("expires"), today or datetime.now(UTC).date())
    except RefusedError as error:
        wrong += error.refusals
    if wrong:
        raise RefusedError(*wrong)
    named = {name: str(entry.get(name) or "").strip() for name in WHAT}
    for name, spelt in (("address", ip_address), ("network", ip_network)):
        if named[name]:  # as logs spell it
            named[name] = str(spelt(named[name]))
    return RuleException(reason, expires, tuple(slugs), **named)


def refusals(found: RuleException, known: Mapping[str, Detection]) -> list[Refusal]:
    """What is wrong with the detections that it names."""
    wrong = []
    for slug in found.detections:
        where = Place(key="detections")
        if slug not in known:
            wrong.append(Refusal(where, f"has no detection {slug!r}", nearest(slug, known)))
        elif _warns_of_silence(known[slug]):
            what = f"has {slug}, which warns of silence: rows less make it louder"
            wrong.append(Refusal(where, what, "expected another detection"))
        elif not found.concerns(known[slug]):
            tables = ", ".join(known[slug].tables)
            what = f"has {slug}, whose tables ({tables}) do not tell all that is excepted"
            wrong.append(Refusal(where, what, "expected fewer conditions, or another detection"))
    return wrong


def conditions(exceptions: Iterable[RuleException], found: Detection) -> dict[str, list[str]]:
    """Table -> the rows that do not count, for the detection's tables that can tell."""
    told: dict[str, list[str]] = {}
    for each in exceptions:
        for table, kql in each.conditions(found).items() if each.concerns(found) else ():
            told.setdefault(table, []).append(kql)
    return told


def in_words(exceptions: Sequence[RuleException], found: Detection) -> str:
    """What an alert says of them; "" without any."""
    told = [each.told() for each in exceptions if each.concerns(found)]
    lengths = accumulate(len(each) for each in told)
    # The first is told whatever its length, which is bounded.
    count = max(1, sum(length <= _TOLD for length in lengths))
    more = [f"and {len(told) - count} more"] if len(told) > count else []
    return "; ".join([*told[:count], *more])


def _warns_of_silence(found: Detection) -> bool:
    return found.operator.startswith("LessThan") or found.operator == "GreaterOrLessThan"


def _reads_no_json(found: Detection) -> bool:
    """Whether its login events come from other sources alone: in a plain line, a name may stand
    anywhere.
    """
    events = [each for each in found.functions if each.name == EVENTS]
    return bool(events) and not any(each.source == OWN for each in found.functions)


def _compared(name: str, column: str, value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if name == "network":
        return f"coalesce(ipv4_is_in_range({column}, {text}), false)"
    if name == "path" and value.endswith("/*"):
        return f"{column} startswith {json.dumps(value[:-1], ensure_ascii=False)}"
    # Accounts and addresses are one however their letters are written.
    return f"{column} {'==' if name in ('path', 'user_agent') else '=~'} {text}"


def _last_address(value: str) -> str:
    pattern = _LAST_ADDRESS[ip_network(value).version]
    return f'extract(@"{pattern}", 1, ResultDescription)'


def _too_wide(entry: Mapping[str, Any]) -> list[Refusal]:
    """An exception is from a rule, and no rule of its own."""
    given = {name: str(entry[name]).strip() for name in WHAT if name in entry}
    if not given:
        expected = f"expected one of {', '.join(camel(each) for each in WHAT)}"
        return [Refusal(NOWHERE, "excepts everybody", expected)]
    wrong = []
    for name, value in given.items():
        if not value or set(value) <= set("*/ "):
            wrong.append(_refused(name, "excepts everybody", _EXPECTED[name], value))
        elif not value.isprintable() or len(value) > _MOST_CHARACTERS:
            expected = f"expected at most {_MOST_CHARACTERS} printable characters"
            wrong.append(_refused(name, "cannot be compared", expected, value))
        elif not _CHECKS[name](value):
            wrong.append(_refused(name, "is not allowed", _EXPECTED[name], value))
    return wrong


def _is_address(text: str) -> bool:
    try:
        return not ip_address(text).is_unspecified
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    try:
        found = ip_network(text)
    except ValueError:
        return False
    return isinstance(found, IPv4Network) and found.prefixlen >= WIDEST


def _is_path(text: str) -> bool:
    return text.startswith("/") and "*" not in text.removesuffix("/*") and text.strip("/*") != ""


_CHECKS: Final = {
    "address": _is_address,
    "network": _is_network,
    "account": lambda text: "*" not in text,
    "user_agent": lambda text: "*" not in text and len(text) >= _LEAST_AGENT,
    "path": _is_path,
}
_EXPECTED: Final = {
    "address": "expected one address, such as 198.51.100.7",
    "network": f"expected an IPv4 network from /{WIDEST} to /32, such as 198.51.100.0/24",
    "account": "expected one account, without *",
    "user_agent": f"expected a whole user agent of {_LEAST_AGENT} characters or more, without *",
    "path": "expected a path such as /health, or what lies below one: /monitor/*",
}


def _moment(given: object, today: date) -> datetime:
    """A day (its end, UTC) or an RFC 3339 time; not for ever."""
    expected = "expected a day such as 2026-12-31, or an RFC 3339 time"
    if given is None or given == "":
        raise RefusedError(_refused("expires", "is missing", expected))
    text = str(given)
    try:
        if len(text) == len("2026-12-31"):
            found = datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1)
        else:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None:
                raise ValueError(text)
    except ValueError:
        raise RefusedError(_refused("expires", "cannot be read", expected, text)) from None
    if found.astimezone(UTC).date() > today + LONGEST:
        until = (today + LONGEST).isoformat()
        raise RefusedError(
            _refused("expires", "is too far away", f"expected {until} at most", text)
        )
    return found.astimezone(UTC)


def _refused(name: str, what: str, expected: str, value: object = ABSENT) -> Refusal:
    return Refusal(Place(key=camel(name)), what, expected, value)
