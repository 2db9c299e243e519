"""The functions, aggregates and operators of KQL: what they take and what they give.

`signatures.json` holds them as Microsoft's language service knows them; `signatures.cjs` writes
it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from lab.kusto import kql_types
from lab.kusto.kql_types import ARRAY, BAG, DYNAMIC, UNKNOWN

Group = Literal["functions", "aggregates", "plugins", "operators"]
TABLE: Final = "table"
"""Stands for the type of an argument that is a table."""

_STAR: Final = "*"
_COMMON: Final = ("CommonScalar", "CommonNumber", "CommonSummable", "CommonOrderable")
_RANKS: Final = {
    **{"NotBool": 5, "NotRealOrBool": 5, "NotDynamic": 5, "Scalar": 7, "Summable": 8},
    **{"Orderable": 9, "Number": 10, "NumberOrBool": 10, "Integer": 11, "Any": 1},
}
_OF_MANY, _WIDENED, _LOOSE, _EXACT, _NONE = 6, 4, 2, 16, 0


@dataclass(frozen=True)
class Parameter:
    """What an argument must be; `most` is 1 but for a parameter that repeats."""

    kind: str
    argument: str
    least: int
    most: int
    types: tuple[str, ...]
    values: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What a message says that it wants."""
        if self.kind == "Declared":
            return f"a {' or '.join(self.types)}"
        return kql_types.EXPECTED.get(self.kind, "another type")


@dataclass(frozen=True)
class Signature:
    """One way to call it; `result` is a type, or `@Rule` for one that depends on arguments."""

    result: str
    parameters: tuple[Parameter, ...]

    def parameters_for(self, count: int) -> list[Parameter] | None:
        """The parameter of each argument; None where the number of arguments is not one of it."""
        least = sum(each.least for each in self.parameters)
        if count < least:
            return None
        repeated = [each for each in self.parameters if each.most > 1]
        if len(repeated) > 1:
            return self._in_turns(count, repeated)
        found: list[Parameter] = []
        spare = count - least
        for each in self.parameters:
            times = each.least + min(spare, each.most - each.least)
            spare -= times - each.least
            found += [each] * times
        return found if not spare else None

    def _in_turns(self, count: int, repeated: list[Parameter]) -> list[Parameter] | None:
        """`case` takes pairs, and one argument more at the end."""
        last = [each for each in self.parameters if each.most == 1]
        turns, rest = divmod(count - len(last), len(repeated))
        return None if rest or turns < 1 else repeated * turns + last


@dataclass(frozen=True)
class Symbol:
    """A function, an aggregate or an operator; `named` says how its column is called."""

    name: str
    named: str
    prefix: str
    signatures: tuple[Signature, ...]


@cache
def symbols(group: Group) -> dict[str, Symbol]:
    """All of a group by name."""
    return {name: _symbol(name, given) for name, given in _read()[group].items()}


@cache
def _read() -> dict[str, Any]:
    text = Path(__file__).with_name("signatures.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _symbol(name: str, given: dict[str, Any]) -> Symbol:
    return Symbol(
        name,
        given["named"],
        given["prefix"],
        tuple(
            Signature(
                result,
                tuple(
                    Parameter(kind, argument, least, most, tuple(types), tuple(*values))
                    for kind, argument, least, most, types, *values in parameters
                ),
            )
            for result, parameters in given["signatures"]
        ),
    )


def match(symbol: Symbol, kinds: Sequence[str]) -> tuple[Signature, list[Parameter]] | None:
    """The signature that takes arguments of these types; None where there is none."""
    best: tuple[tuple[int, int], Signature, list[Parameter]] | None = None
    for signature in symbol.signatures:
        parameters = signature.parameters_for(len(kinds))
        if parameters is None:
            continue
        ranks = [rank(parameters, kinds, number) for number in range(len(kinds))]
        if _NONE in ranks:
            continue
        key = (min(ranks, default=_EXACT), max(ranks, default=_EXACT))
        if best is None or key > best[0]:
            best = key, signature, parameters
    return None if best is None else best[1:]


def rank(parameters: Sequence[Parameter], kinds: Sequence[str], number: int) -> int:
    """How well an argument fits its parameter; 0 where it does not."""
    parameter, kind = parameters[number], kinds[number]
    if parameter.kind in ("Parameter0", "Parameter1", "Parameter2"):
        other = int(parameter.kind[-1])
        if kind != UNKNOWN and not kql_types.assignable(kinds[other], kind):
            return _NONE
        return rank(parameters, kinds, other)
    if kind == _STAR:
        return _EXACT if parameter.argument in ("StarOnly", "StarAllowed") else _NONE
    if parameter.argument == "StarOnly":
        return _NONE
    if kind == UNKNOWN:
        return 1
    if (kind == TABLE) != (parameter.kind == "Tabular"):
        return 1 if parameter.kind == "Any" else _NONE
    if parameter.kind == "Declared":
        return _declared(parameter, kind)
    if parameter.kind in ("Tabular", "Database", "Cluster"):
        return _EXACT
    if parameter.kind in _RANKS:
        return _RANKS[parameter.kind] if kql_types.fits(parameter.kind, kind) else _NONE
    if parameter.kind.startswith("Common"):
        return _common_rank(parameters, kinds, parameter, kind)
    return _OF_MANY if kql_types.fits(parameter.kind, kind) else _NONE


def _declared(parameter: Parameter, kind: str) -> int:
    if any(kql_types.assignable(each, kind) for each in parameter.types):
        return _EXACT if len(parameter.types) == 1 else _OF_MANY
    if any(kql_types.assignable(each, kind, widened=True) for each in parameter.types):
        return _WIDENED
    return _NONE


def _common_rank(
    parameters: Sequence[Parameter], kinds: Sequence[str], parameter: Parameter, kind: str
) -> int:
    together = common_of(parameters, kinds)
    if together is None:
        return _NONE
    if kql_types.assignable(together, kind):
        return _EXACT
    if kql_types.assignable(together, kind, widened=True):
        return _WIDENED
    loose = parameter.kind == "CommonScalarOrDynamic" or UNKNOWN in (together, kind)
    return _LOOSE if loose or kql_types.is_dynamic(together) else _NONE


def common_of(
    parameters: Sequence[Parameter], kinds: Sequence[str], *, but_dynamic: bool = False
) -> str | None:
    """The type that the arguments of the `Common…` parameters have in common."""
    found: str | None = None
    for parameter, kind in zip(parameters, kinds, strict=True):
        if but_dynamic and kql_types.is_dynamic(kind):
            continue
        loose = parameter.kind == "CommonScalarOrDynamic"
        if loose or (parameter.kind in _COMMON and kql_types.fits(parameter.kind, kind)):
            found = kql_types.common(found, kind, any_scalar=loose)
            if found is None:
                return None
    if found is None and but_dynamic:
        return common_of(parameters, kinds)
    return found


_CUSTOM: Final = {
    "pack": BAG,
    "pack_dictionary": BAG,
    "bag_pack": BAG,
    "bag_pack_columns": BAG,
    "pack_all": BAG,
    "bag_merge": BAG,
    "bag_remove_keys": BAG,
    "bag_set_key": BAG,
    "series_stats_dynamic": BAG,
    "series_fit_line_dynamic": BAG,
    "series_fit_2lines_dynamic": BAG,
    "array_concat": ARRAY,
    "array_iif": ARRAY,
    "array_iff": ARRAY,
    "pack_array": ARRAY,
    "set_union": ARRAY,
    "set_intersect": ARRAY,
    "set_difference": ARRAY,
    "array_sort_asc": ARRAY,
    "array_sort_desc": ARRAY,
}
"""Results that Microsoft's service computes in code, by function."""


def result_of(
    symbol: Symbol, signature: Signature, parameters: Sequence[Parameter], kinds: Sequence[str]
) -> str:
    """The type of the call's value."""
    rule = signature.result
    if not rule.startswith("@"):
        return ARRAY if symbol.name in _ARRAYS and rule == DYNAMIC else rule
    rule = rule[1:]
    if rule == "Custom" and symbol.name in ("UnaryMinus", "UnaryPlus", "percentile"):
        return kql_types.promoted(kinds[0])
    if rule == "Widest":
        return kql_types.promoted(kql_types.widest(kinds))
    if rule.startswith("Common"):
        found = common_of(parameters, kinds, but_dynamic=rule == "CommonNonDynamic")
        return found or UNKNOWN
    if rule in ("Parameter0", "Parameter1", "Parameter2"):
        return kinds[int(rule[-1])] if len(kinds) > int(rule[-1]) else UNKNOWN
    if rule == "Parameter0Promoted":
        return kql_types.promoted(kinds[0])
    if rule == "Parameter0Array":
        return ARRAY
    return _CUSTOM.get(symbol.name, UNKNOWN)


_ARRAYS: Final = frozenset(
    {
        *("split", "make_list", "make_set", "array_slice", "array_reverse", "bag_keys", "repeat"),
        *("extract_all", "zip", "array_shift_left", "array_shift_right", "array_split"),
    }
)
