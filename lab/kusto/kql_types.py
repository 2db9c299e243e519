"""KQL's types, and which of them may stand where another is expected.

`dynamic` has kinds that Kusto tells apart where it wants an array or a bag: `dynamic:array`,
`dynamic:bag` and `dynamic:value` (a text, number or null). `unknown` fits anywhere: the type of
what an earlier step makes only when it runs.
"""

from collections.abc import Callable, Iterable
from typing import Final

UNKNOWN: Final = "unknown"
DYNAMIC: Final = "dynamic"
ARRAY: Final = "dynamic:array"
BAG: Final = "dynamic:bag"
VALUE: Final = "dynamic:value"

_WIDER: Final = {
    "long": {"int"},
    "real": {"int", "long"},
    "decimal": {"int", "long", "real"},
}
"""Type -> the types that are widened to it."""

_NUMERIC: Final = {"int", "long", "real", "decimal"}
_SUMMABLE: Final = _NUMERIC | {"timespan", "datetime"}
_ORDERABLE: Final = _SUMMABLE | {"string", "bool"}

SPELLINGS: Final = {
    "boolean": "bool",
    "date": "datetime",
    "time": "timespan",
    "double": "real",
    "float": "real",
    "uniqueid": "guid",
    "uuid": "guid",
    "uint": "int",
    "uint32": "int",
    "int32": "int",
    "int64": "long",
    "ulong": "long",
    "uint64": "long",
    "object": "dynamic",
}
"""Other names of types, as in `x:boolean`."""


def is_dynamic(kind: str) -> bool:
    """Whether the type is dynamic, of whatever kind."""
    return kind.startswith(DYNAMIC)


def plain(kind: str) -> str:
    """The type as people write it."""
    return DYNAMIC if is_dynamic(kind) else kind


def promoted(kind: str) -> str:
    """What a sum of the type has."""
    return "long" if kind == "int" else kind


def widest(kinds: Iterable[str]) -> str:
    """The numeric type that holds all of them; unknown without a number."""
    found: str | None = None
    for kind in kinds:
        if kind in _NUMERIC and (found is None or found in _WIDER.get(kind, ())):
            found = kind
    return found or UNKNOWN


def common(first: str | None, second: str, *, any_scalar: bool) -> str | None:
    """The type of two values of which either may come; None where there is none.

    `any_scalar` lets two that have nothing in common become dynamic.
    """
    if first is None or first == second:
        return second
    if UNKNOWN in (first, second):
        return UNKNOWN
    if DYNAMIC in (first, second):
        return DYNAMIC
    if first in _WIDER.get(second, ()):
        return second
    if second in _WIDER.get(first, ()):
        return first
    if is_dynamic(first) and is_dynamic(second):
        return DYNAMIC
    if VALUE in (first, second):
        return VALUE
    return DYNAMIC if any_scalar else None


def comparable(one: str, two: str) -> bool:
    """Whether Kusto's engine compares two values with ==."""
    if one == two or UNKNOWN in (one, two) or is_dynamic(one) or is_dynamic(two):
        return True
    if {one, two} <= _NUMERIC | {"bool"}:
        return True
    return "string" in (one, two) and not {one, two} & _NUMERIC


def assignable(target: str, kind: str, *, widened: bool = False) -> bool:
    """Whether a value of `kind` is one of `target`, after widening where allowed."""
    if target == kind or (target == DYNAMIC and is_dynamic(kind)):
        return True
    return widened and kind in _WIDER.get(target, ())


_FITS: Final[dict[str, Callable[[str], bool]]] = {
    "Integer": lambda kind: kind in ("int", "long"),
    "RealOrDecimal": lambda kind: kind in ("real", "decimal"),
    "StringOrDynamic": lambda kind: kind == "string" or is_dynamic(kind),
    "StringOrArray": lambda kind: kind in ("string", DYNAMIC, ARRAY, VALUE),
    "IntegerOrArray": lambda kind: kind in ("int", "long", DYNAMIC, ARRAY),
    "DynamicArray": lambda kind: kind in (DYNAMIC, ARRAY),
    "DynamicBag": lambda kind: kind in (DYNAMIC, BAG),
    "Number": lambda kind: kind in _NUMERIC,
    "NumberOrBool": lambda kind: kind in _NUMERIC or kind == "bool",
    "Summable": lambda kind: kind in _SUMMABLE,
    "Orderable": lambda kind: kind in _ORDERABLE,
    "NotBool": lambda kind: kind != "bool",
    "NotRealOrBool": lambda kind: kind not in ("bool", "real"),
    "NotDynamic": lambda kind: not is_dynamic(kind),
    "Scalar": lambda kind: True,
    "Any": lambda kind: True,
    "CommonNumber": lambda kind: kind in _NUMERIC,
    "CommonSummable": lambda kind: kind in _SUMMABLE,
    "CommonOrderable": lambda kind: kind in _ORDERABLE,
    "CommonScalar": lambda kind: True,
    "CommonScalarOrDynamic": lambda kind: True,
}

EXPECTED: Final = {
    "Integer": "a whole number",
    "RealOrDecimal": "a real or a decimal",
    "StringOrDynamic": "a string or a dynamic",
    "StringOrArray": "a string or an array",
    "IntegerOrArray": "a whole number or an array",
    "DynamicArray": "a dynamic array",
    "DynamicBag": "a dynamic bag",
    "Number": "a number",
    "NumberOrBool": "a number or a bool",
    "Summable": "a number, a timespan or a datetime",
    "Orderable": "a number, a time, a string or a bool",
    "NotBool": "anything but a bool",
    "NotRealOrBool": "neither a real nor a bool",
    "NotDynamic": "no dynamic, as in tostring(…)",
    "Tabular": "a table",
}
"""What a message says that a parameter wants."""


def fits(wanted: str, kind: str) -> bool:
    """Whether a type is of a class of types, as signatures name them."""
    return kind == UNKNOWN or _FITS[wanted](kind)
