"""A refusal of the translator or of DuckDB, told in KQL's words."""

import re
from typing import Final

import duckdb
from duckdb_kql.errors import KqlError, KqlSchemaError, KqlUnsupportedError

from lab.kusto.kusto_error import KustoError

_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CONVERSION: Final = re.compile(
    r"Could not convert string '(?P<value>(?:[^']|'')*)' to (?P<kind>\w+)"
    r"|Malformed JSON|Expected (?P<wanted>\w+), but got (?P<got>\w+)"
)
_KINDS: Final = {
    "BOOL": "bool",
    "BOOLEAN": "bool",
    "INT32": "int",
    "INT64": "long",
    "DOUBLE": "real",
    "TIMESTAMP": "datetime",
    "INTERVAL": "timespan",
}
_INSTEAD: Final = "expected a form that docs/lab-fidelity.md does not list as unknown"


def told(error: KqlError) -> KustoError:
    """What the translator does not know: Kusto takes it, the lab does not run it."""
    if isinstance(error, KqlUnsupportedError):
        kind, _, name = error.construct.rpartition(":")
        what = _in_words(name or kind)
        if kind == "aggregate":
            what = f"the aggregate {name}()"
        elif kind == "function":
            what = f"the function {name}()"
        return KustoError(f"the lab cannot run {what}, which Kusto can; {_INSTEAD}")
    if isinstance(error, KqlSchemaError):
        return KustoError(
            f"the lab cannot tell the columns of {error.name!r}; expected a project before it"
        )
    return KustoError(f"the lab cannot run this query, which Kusto can; {_INSTEAD}")


def not_run(error: duckdb.Error, kql: str) -> KustoError:
    """What came up while the query ran."""
    found = _CONVERSION.search(str(error))
    if found and found["value"] is not None:
        kind = _KINDS.get(found["kind"], found["kind"].lower())
        value = found["value"][:60]
        return KustoError(
            f"the value {value!r} is no {kind}; expected to{kind}() of it, which is null then"
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return KustoError("the query needs more memory than there is; expected fewer rows")
    return KustoError(f"the lab cannot run this query, which Kusto can; {_INSTEAD}")


def _in_words(construct: str) -> str:
    """`EvaluateOperator` is the operator evaluate."""
    words = [each.lower() for each in _WORDS.split(construct)]
    if len(words) > 1 and words[-1] == "operator":
        return f"the operator {'-'.join(words[:-1])}"
    return " ".join(words).removesuffix(" expression")
