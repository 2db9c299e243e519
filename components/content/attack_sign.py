"""The signs of web attacks: `kql/patterns/<class>.yaml`, assembled into `kql/functions/`.

Pure: no pulumi. A sign says what it is, why no ordinary request has it, and by which alternatives
it is known; texts beside it must match or must not. `make docs` writes the functions.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from components.content import places
from components.limits.refusal import Place, Refusal, RefusedError, nearest, shown

PATTERNS: Final = places.KQL / "patterns"
KINDS: Final = ("path", "query", "agent", "referrer", "cookie")
"""The parts of a request, as RequestParts marks them."""
READINGS: Final = ("field", "text", "typed", "shell", "statement")
"""What a sign may read; `statement` and `shell` come from SqlReadings and ShellText."""
WEIGHTS: Final = ("clear", "weak")
WEAK: Final = "weak-"
"""Ids of weak signs begin with it, so that a rule can tell them from the rest."""

_CLASS_KEYS: Final = ("description", "fragments", "function", "signs")
_SIGN_KEYS: Final = (
    *("alternatives", "also", "base64", "id", "must", "must_not", "only", "reads", "source"),
    *("unless", "weight", "what", "why", "without"),
)
_ALTERNATIVE_KEYS: Final = ("example", "match")
_ID: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FRAGMENT: Final = re.compile(r"<<(\w+)>>")
_WIDTH: Final = 290
"""Characters of a line of KQL, so that it can be read in the portal."""


@dataclass(frozen=True)
class Alternative:
    """One way to know a sign; `example` is a text that it matches."""

    match: str
    example: str


@dataclass(frozen=True)
class AttackSign:
    """One sign; texts are parts of requests as logged (`agent x`, `path /x`; a query without)."""

    id: str
    what: str
    why: str
    weight: str
    reads: str
    only: str
    """The one kind of part that it is looked for in; empty for all."""
    without: str
    """Names of parameters that are left out, as the beginning of their lines; empty for none."""
    also: str
    """What the text as it was decoded must match too; empty for nothing."""
    unless: str
    """What the text as it was decoded must not match; empty for nothing."""
    alternatives: tuple[Alternative, ...]
    base64: tuple[str, ...]
    """Plain texts whose base64 is looked for, at each of its three offsets."""
    must: tuple[str, ...]
    must_not: tuple[str, ...]
    source: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that must match: the examples of the alternatives, and more."""
        examples = (each.example for each in self.alternatives)
        return tuple(dict.fromkeys((*examples, *self.must)))

    @property
    def let_name(self) -> str:
        """The name of the `let`: `steps-up` is StepsUp."""
        return "".join(part.capitalize() for part in self.id.split("-"))

    def matches(self) -> Iterator[str]:
        """The alternatives as regular expressions, those of base64 last."""
        for each in self.alternatives:
            yield each.match
        for plain in self.base64:
            yield from base64_offsets(plain)


@dataclass(frozen=True)
class AttackClass:
    """The signs of one file, and the function that is made of them."""

    path: Path
    function: str
    description: str
    fragments: Mapping[str, str]
    signs: tuple[AttackSign, ...]

    @property
    def parameters(self) -> tuple[str, ...]:
        """What the function is given, in a fixed order."""
        used = {each.reads for each in self.signs}
        if any(each.also or each.unless for each in self.signs):
            used.add("text")
        if any(each.only for each in self.signs):
            used.add("part")
        return tuple(each for each in ("part", *READINGS) if each in used)

    def kql(self) -> str:
        """The file of `kql/functions/`."""
        typed = ", ".join(f"{each}:string" for each in self.parameters)
        lines = [
            f"// description: {self.description} Made of {shown(self.path)} by `make docs`.",
            f"// parameters: {typed}",
            "",
        ]
        for name, pattern in self.fragments.items():
            lines.append(f"let {_let_name(name)} = {_literals([pattern])};")
        for sign in self.signs:
            lines.append(self._let(sign))
        lines.append(f"strcat({', '.join(each.let_name for each in self.signs)})")
        return "\n".join(lines) + "\n"

    def _let(self, sign: AttackSign) -> str:
        # What was decoded is in lower case; base64 is told apart by its case.
        flags = "(?im)" if sign.reads == "field" and not sign.base64 else "(?m)"
        conditions = [f'part == "{sign.only}"'] if sign.only else []
        read = sign.reads
        if sign.without:
            names = self._regex("(?m)^(", [f"{sign.without})[^\\n]*$"])
            read = f'replace_regex({read}, {names}, "")'
        conditions.append(f"{read} matches regex {self._regex(flags, list(sign.matches()))}")
        if sign.also:
            conditions.append(f"text matches regex {self._regex('(?m)', [sign.also])}")
        if sign.unless:
            conditions.append(f"not(text matches regex {self._regex('(?m)', [sign.unless])})")
        test = " and ".join(conditions)
        return f'let {sign.let_name} = iff({test}, "{sign.id}: {sign.what}; ", "");  // {sign.why}'

    def _regex(self, flags: str, matches: Sequence[str]) -> str:
        """The alternatives as one expression, its fragments by their names."""
        pieces = _FRAGMENT.split(flags + "|".join(matches))
        if len(pieces) == 1:
            return _literals([flags + matches[0], *(f"|{each}" for each in matches[1:])])
        parts = [
            _let_name(piece) if number % 2 else _literals(_cut(piece))
            for number, piece in enumerate(pieces)
            if piece
        ]
        return f"strcat({', '.join(parts)})"

    def expanded(self, match: str) -> str:
        """An alternative with its fragments filled in."""
        return _FRAGMENT.sub(lambda found: self.fragments[found[1]], match)


def load_all(folder: Path = PATTERNS) -> list[AttackClass]:
    """Every class of the folder; RefusedError lists what is wrong with any of them."""
    classes: list[AttackClass] = []
    problems: list[Refusal] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            classes.append(load(path))
        except RefusedError as error:
            problems += error.refusals
    if problems:
        raise RefusedError(*problems)
    return classes


def load(path: Path) -> AttackClass:
    """The class of one file; RefusedError has a line for each thing that is wrong with it."""
    where = shown(path)
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RefusedError(
            Refusal(Place(where), f"the file cannot be read as YAML: {error}", "expected UTF-8")
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("signs"), list):
        raise RefusedError(
            Refusal(
                Place(where),
                "the file has no signs",
                f"expected a mapping with {', '.join(_CLASS_KEYS)}",
            )
        )
    problems = _unknown(found, _CLASS_KEYS, where)
    for key in ("function", "description"):
        if not isinstance(found.get(key), str):
            problems.append(Refusal(Place(where), f"{key} is missing", "expected a text"))
    fragments = {
        str(name): "|".join(value) if isinstance(value, list) else str(value)
        for name, value in (found.get("fragments") or {}).items()
    }
    signs: list[AttackSign] = []
    for number, entry in enumerate(found["signs"], 1):
        place = f"{where}, sign {entry.get('id', number) if isinstance(entry, dict) else number}"
        if wrong := _wrong_sign(entry, fragments, place):
            problems += wrong
        else:
            signs.append(_sign(entry))
    problems += [
        Refusal(Place(where), f"id {each.id!r} stands twice", "expected once")
        for number, each in enumerate(signs)
        if each.id in {other.id for other in signs[:number]}
    ]
    order = [each.weight for each in signs]
    if order != sorted(order, key=WEIGHTS.index):
        problems.append(
            Refusal(Place(where), "weak signs stand before clear ones", "expected them last")
        )
    if problems:
        raise RefusedError(*problems)
    return AttackClass(path, found["function"], found["description"], fragments, tuple(signs))


def base64_offsets(plain: str) -> list[str]:
    """What base64 makes of a text wherever it begins: the characters that no neighbour changes."""
    raw = plain.encode()
    found = []
    for before in range(3):
        encoded = base64.b64encode(
            b"\0" * before + raw + b"\0" * (-(before + len(raw)) % 3)
        ).decode()
        # A character of base64 is 6 bits: those of `raw` alone.
        first = -(-8 * before // 6)
        last = 8 * (before + len(raw)) // 6
        found.append(re.escape(encoded[first:last]).replace(r"\/", "/"))
    return found


def _sign(entry: Mapping[str, Any]) -> AttackSign:
    return AttackSign(
        id=entry["id"],
        what=entry["what"],
        why=" ".join(entry["why"].split()),
        weight=entry.get("weight", "clear"),
        reads=entry.get("reads", "text"),
        only=entry.get("only", ""),
        without=entry.get("without", ""),
        also=entry.get("also", ""),
        unless=entry.get("unless", ""),
        alternatives=tuple(
            Alternative(each["match"], each["example"]) for each in entry.get("alternatives", ())
        ),
        base64=tuple(entry.get("base64", ())),
        must=tuple(entry.get("must", ())),
        must_not=tuple(entry.get("must_not", ())),
        source=entry["source"],
    )


def _wrong_sign(entry: object, fragments: Mapping[str, str], where: str) -> list[Refusal]:
    """Everything wrong with one entry, a line each."""
    if not isinstance(entry, dict):
        return [Refusal(Place(where), "a sign is no mapping", f"expected {', '.join(_SIGN_KEYS)}")]
    problems = _unknown(entry, _SIGN_KEYS, where)
    for key in ("id", "what", "why", "source"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            problems.append(Refusal(Place(where), f"{key} is missing", "expected a text"))
    if isinstance(entry.get("id"), str) and not _ID.fullmatch(entry["id"]):
        problems.append(
            Refusal(Place(where), f"id {entry['id']!r} is none", "expected words like steps-up")
        )
    if isinstance(entry.get("what"), str) and re.search(r'["\\;]', entry["what"]):
        problems.append(
            Refusal(
                Place(where), "what holds a quote, a backslash or a semicolon", "expected words"
            )
        )
    for key, allowed in (("weight", WEIGHTS), ("reads", READINGS), ("only", KINDS)):
        if key in entry and entry[key] not in allowed:
            problems.append(
                Refusal(
                    Place(where),
                    f"{key} {entry[key]!r} is unknown",
                    f"{nearest(str(entry[key]), allowed)}",
                )
            )
    weak = str(entry.get("id", "")).startswith(WEAK)
    if weak != (entry.get("weight", "clear") == "weak"):
        problems.append(
            Refusal(Place(where), "weight and id differ", f"expected {WEAK}… for weak signs alone")
        )
    for key in ("must_not", "source") if weak else ("must_not",):
        if not entry.get(key):
            problems.append(
                Refusal(Place(where), f"{key} is empty", "expected a text that looks alike")
            )
    alternatives = entry.get("alternatives") or []
    if not alternatives and not entry.get("base64"):
        problems.append(Refusal(Place(where), "alternatives are missing", "expected at least one"))
    for each in alternatives:
        if not isinstance(each, dict) or set(each) != set(_ALTERNATIVE_KEYS):
            problems.append(
                Refusal(Place(where), f"alternative {each!r} is none", "expected match and example")
            )
            continue
        problems += [
            Refusal(Place(where), f"fragment {name!r} is unknown", f"{nearest(name, fragments)}")
            for name in _FRAGMENT.findall(each["match"])
            if name not in fragments
        ]
    problems += [
        Refusal(Place(where), f"fragment {name!r} is unknown", f"{nearest(name, fragments)}")
        for key in ("without", "also", "unless")
        for name in _FRAGMENT.findall(str(entry.get(key, "")))
        if name not in fragments
    ]
    return problems


def _unknown(entry: Mapping[str, Any], known: Sequence[str], where: str) -> list[Refusal]:
    return [
        Refusal(Place(where), f"key {each!r} is unknown", nearest(each, known))
        for each in entry
        if each not in known
    ]


def _let_name(name: str) -> str:
    return name[:1].upper() + name[1:]


def _cut(pattern: str) -> list[str]:
    """A long pattern in pieces that end before a `|`, wherever it stands; the text is the same."""
    return re.findall(r"[|]?[^|]+|[|]", pattern) if len(pattern) > _WIDTH else [pattern]


def _literals(pieces: Sequence[str]) -> str:
    """Verbatim strings over as many lines as they need; Kusto reads neighbours as one text."""
    lines = [""]
    for piece in pieces:
        for part in _cut(piece):
            part = part.replace('"', '""')
            if lines[-1] and len(lines[-1]) + len(part) > _WIDTH:
                lines.append("")
            lines[-1] += part
    return "\n    ".join(f'@"{line}"' for line in lines)
