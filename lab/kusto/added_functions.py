"""The functions that the lab adds to the translator: macros of DuckDB, and SQL for aggregates.

The translator keeps its functions in two tables, which this module adds to; the macros live in the
connection.
"""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

import duckdb
from duckdb_kql.translate.functions import (
    AGGREGATE_FUNCTIONS,
    SCALAR_FUNCTIONS,
    AggregateSpec,
    FunctionSpec,
)

_MACRO: Final = re.compile(r"CREATE TEMP MACRO (?:kql_|(?=lab_))(\w+)\(([^)]*)\) AS ")
_ARITY: Final = re.compile(r", \(([a-z, ]*)\) AS ")
_TEXT: Final = "(to_json({}) ->> '$')"
"""A string in KQL's sense, which is JSON here where one of two branches is dynamic."""


class _OfTexts(FunctionSpec):
    """strcat() and tostring() of what is known to be text, each argument written once."""

    def render(self, args: list[str]) -> str:
        texts = [each if each.startswith(("concat(", "'")) else _TEXT.format(each) for each in args]
        return f"{self.template}({', '.join(texts)})"


_OF_TEXTS: Final = {
    name: _OfTexts(name, "template", "concat") for name in ("lab_strcat", "lab_tostring")
}
_AGGREGATES: Final = {
    "make_set_if": "coalesce(list(DISTINCT {0}) FILTER (WHERE {0} IS NOT NULL AND ({1})), [])",
    "make_list_if": "coalesce(list({0}) FILTER (WHERE {0} IS NOT NULL AND ({1})), [])",
    "make_list_with_nulls": "list({0})",
    "make_bag": "json_group_object(json_keys({0})[1], json_extract({0}, json_keys({0})[1]))",
    "maxif": "max({0}) FILTER (WHERE {1})",
    "minif": "min({0}) FILTER (WHERE {1})",
    "take_anyif": "any_value({0}) FILTER (WHERE {1})",
    "anyif": "any_value({0}) FILTER (WHERE {1})",
    "stdevp": "coalesce(stddev_pop({0}), 0.0)",
    "variancep": "coalesce(var_pop({0}), 0.0)",
    "binary_all_and": "bit_and({0})",
    "binary_all_or": "bit_or({0})",
    "binary_all_xor": "bit_xor({0})",
}


_ANY_TEXT: Final = "json_type(TRY_CAST({0} AS JSON)) = 'ARRAY'"
"""How the translator tells an array: a text such as `[]`, whoever sent it, is none."""


def add_to(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros known to a connection."""
    connection.execute(_macros())


@cache
def _macros() -> str:
    text = Path(__file__).with_name("functions.sql").read_text(encoding="utf-8")
    for line in text.splitlines():
        if found := _MACRO.match(line):
            _add(found[1], [found[2], *_ARITY.findall(line)])
    SCALAR_FUNCTIONS.update(_OF_TEXTS)
    flat = AGGREGATE_FUNCTIONS["make_set"]
    told = flat.template.replace(_ANY_TEXT, f"typeof({{0}}) = 'JSON' AND {_ANY_TEXT}")
    AGGREGATE_FUNCTIONS["make_set"] = replace(flat, template=told)
    for name, template in _AGGREGATES.items():
        arity = (2,) if "{1}" in template else (1,)
        AGGREGATE_FUNCTIONS.setdefault(name, AggregateSpec(name, template, arity))
    return text


def _add(name: str, ways: list[str]) -> None:
    if name in SCALAR_FUNCTIONS:
        return
    counts = [len([each for each in way.split(",") if each.strip()]) for way in ways]
    macro = name if name.startswith("lab_") else f"kql_{name}"
    SCALAR_FUNCTIONS[name] = _Macro(name, "template", macro, tuple(counts))


class _Macro(FunctionSpec):
    """A call of a macro, with as many arguments as it was given."""

    def render(self, args: list[str]) -> str:
        return f"{self.template}({', '.join(args)})"
