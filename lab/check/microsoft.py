"""Microsoft's own parser over the tables' schemas: all queries in one Node process."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from components.content.log_columns import TABLES
from components.content.places import ROOT
from lab.check import name_search
from lab.check.finding import Finding
from lab.check.query import Query
from lab.kusto import operator_name

PACKAGE: Final = "@kusto/language-service-next"
MISSING: Final = (
    f"Microsoft's parser was skipped: Node or {PACKAGE} is not installed;"
    " sh tests/support/install-tools.sh"
    f" installs both, npm install --prefix .lab/kusto '{PACKAGE}@>=12 <13' the second"
)
BROKEN: Final = "Microsoft's parser was skipped: node could not run it"
PROGRAM: Final = Path(__file__).with_name("kusto_parser.cjs")

_SECONDS: Final = 120
_UNKNOWN_NAME: Final = "KS142"
_UNKNOWN_TABLE: Final = "KS204"
_LAST_SYNTAX_CODE: Final = 99
"""KS001 to KS099 come from the parser, what is above from the binder; KS176 is syntax too."""
_NO_OPERATOR: Final = "KS176"

_running: Final[list["subprocess.Popen[str]"]] = []


def modules() -> str | None:
    """The folder of Node modules that has the parser, if Node is there too."""
    if shutil.which("node") is None:
        return None
    places = [
        *os.environ.get("NODE_PATH", "").split(os.pathsep),
        str(ROOT / ".lab" / "kusto" / "node_modules"),
    ]
    return next((place for place in places if place and (Path(place) / PACKAGE).is_dir()), None)


def refusals(
    queries: Mapping[str, str], tables: Mapping[str, Mapping[str, str]], places: str
) -> dict[str, list[dict[str, Any]]]:
    """By name of a query, what the parser refuses: code, start, length, message."""
    with subprocess.Popen(  # noqa: S603  # our own program, no shell
        ["node", str(PROGRAM)],  # noqa: S607  # whichever Node the PATH has
        env={**os.environ, "NODE_PATH": places},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as parser:
        _running.append(parser)
        try:
            asked = json.dumps({"tables": tables, "queries": queries})
            answer, said = parser.communicate(asked, timeout=_SECONDS)
        finally:
            parser.kill()
            _running.remove(parser)
    if parser.returncode:
        raise subprocess.CalledProcessError(parser.returncode, parser.args, answer, said)
    found: dict[str, list[dict[str, Any]]] = json.loads(answer)
    return found


def end() -> None:
    """Of a parser that another thread waits for; who was asked has been ended."""
    for parser in list(_running):
        parser.kill()


def check(queries: Sequence[Query], places: str) -> dict[str, list[Finding]]:
    """By path, what the parser refuses of a query, in the file that it stands in."""
    named = {str(number): each for number, each in enumerate(queries)}
    texts = {name: each.statement for name, each in named.items()}
    return {
        named[name].path: _findings(named[name], refused)
        for name, refused in refusals(texts, TABLES, places).items()
    }


def _findings(query: Query, refused: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """Up to a misspelt operator: what comes after it is refused for want of its columns."""
    found = []
    for each in sorted(refused, key=lambda each: int(each["start"])):
        found.append(_finding(query, each))
        if each["code"] == _NO_OPERATOR and operator_name.meant(_place(query, each)[2]):
            break
    return found


def _place(query: Query, refusal: Mapping[str, Any]) -> tuple[int, int, str]:
    """Where a refusal begins, how wide it is, and the text there."""
    # The parser counts UTF-16 units, Python characters.
    units = query.statement.encode("utf-16-le")
    start = len(units[: refusal["start"] * 2].decode("utf-16-le", "ignore"))
    width = max(1, int(refusal["length"]))
    return start, width, query.statement[start : start + width]


def _finding(query: Query, refusal: Mapping[str, Any]) -> Finding:
    start, width, name = _place(query, refusal)
    code, message = str(refusal["code"]), " ".join(str(refusal["message"]).split())
    if code == _UNKNOWN_NAME:
        what = f"column {name!r} does not exist"
        return query.at_statement(
            start,
            width,
            "unknown-column",
            what,
            name_search.column(name, query, refusal.get("scope")),
        )
    if code == _UNKNOWN_TABLE:
        what = f"table {name!r} does not exist"
        return query.at_statement(
            start, width, "unknown-table", what, name_search.table(name, query)
        )
    if code == _NO_OPERATOR and (better := operator_name.meant(name)):
        what, instead = f"operator {name!r} is unknown", f"did you mean {better!r}?"
        return query.at_statement(start, width, "query-does-not-parse", what, instead)
    number = re.search(r"\d+", code)
    is_syntax = code == _NO_OPERATOR or (number and int(number[0]) <= _LAST_SYNTAX_CODE)
    rule_id = "query-does-not-parse" if is_syntax else "microsoft-refuses"
    what = message.rstrip(".")
    return query.at_statement(
        start, width, rule_id, what, f"expected KQL that Azure takes ({code})"
    )
