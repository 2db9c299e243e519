"""A file with nothing but a query, as one finds it in a post: does Kusto take it, does the lab?"""

from dataclasses import dataclass
from pathlib import Path

from components.content import kql_function
from components.content.log_columns import TABLES
from lab.check import microsoft
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables


@dataclass(frozen=True)
class Answer:
    """What is wrong, with its place, or the columns that the query gives."""

    refused: str | None
    columns: dict[str, str]


def check(path: Path) -> Answer:
    """The first thing that is refused; Microsoft's parser is asked too, where Node has it."""
    kql = path.read_text(encoding="utf-8-sig")
    tables = LogTables()
    try:
        for function in kql_function.load_all().values():
            tables.save(function)
        columns = tables.shape(kql)
    except KustoError as error:
        place = f"{path}:{error.line}:{error.at}" if error.line else f"{path}"
        return Answer(f"{place}: {error.message}", {})
    finally:
        tables.close()
    return Answer(_of_microsoft(path, kql), columns)


def _of_microsoft(path: Path, kql: str) -> str | None:
    modules = microsoft.modules()
    if modules is None:
        return None
    functions = kql_function.used_by(kql, kql_function.load_all())
    lets = "".join(f"{each.as_let()}\n" for each in functions)
    for each in microsoft.refusals({"": lets + kql}, TABLES, modules).get("", ()):
        place = max(0, each["start"] - len(lets))
        line = kql.count("\n", 0, place) + 1
        return f"{path}:{line}: {each['message']} ({each['code']})"
    return None
