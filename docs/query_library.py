"""The lists of the query library: one line for each query, by question and by kind."""

import re
from collections.abc import Iterator

from components.content import analytics_rule, detection, hunting_query, kql_function, workbook_tile
from components.content.detection import Detection
from components.content.hunting_query import QUESTIONS, HuntingQuery
from components.content.workbook_tile import WorkbookTile

_INTRODUCTION = """\
# The query library

Generated from the heads of the `.kql` files by `make docs`; edit those, not this page. What a
detection cannot see, and what to do when it fires, stands in [kql/README.md](../kql/README.md).

## In the portal

- **Detections** run by themselves: each is an alert rule, and an alert links to what its query
  found.
- **Hunting queries** are saved in the workspace: Logs, Queries, category *login-monitor hunting*.
  Choose the time range, then change the `let` lines at the top, which are the parameters; as saved
  they stand for everybody.
- **Functions** are saved too, and called by their names in any query:
  `LoginEvents | where EventResult == "Failure" | take 10`.
- **The workbook** *Login security* (Workbooks, below the workspace) has the tiles listed here. Its
  time range counts for every tile, its field *Account* for the audit trail. Alerts come from Azure
  Resource Graph, which shows what you may read.
- A `.kql` file can be pasted into Logs as it is, head included, in a workspace that has the
  functions."""

_SENTINEL = """\
## In Microsoft Sentinel

The component `SentinelRules` makes the same detections scheduled analytics rules, which open
incidents with the address and the account as entities. Sentinel counts rows, so the threshold
becomes the end of the query; it looks every five minutes at most, and knows one period only: what
needs several is left out ({left_out}). It takes no query over 10,000 characters, so the longest
live in functions of the workspace: {functions}. Sentinel is billed by volume, for the whole
workspace."""


def page() -> str:
    """docs/kql-library.md: how to use the library, the index by question, then each kind."""
    hunting, tiles = hunting_query.load_all(), workbook_tile.load_all()
    detections = detection.load_all()
    rules, refused = analytics_rule.carried_over(detections.values())
    functions = ", ".join(f"`{each.function}`" for each in rules if each.function)
    left_out = ", ".join(f"`{slug}`" for slug in refused) or "none at present"
    parts = [
        _INTRODUCTION,
        "## By question",
        *_by_question(list(detections.values()), list(hunting.values()), tiles),
        f"## Detections ({len(detections)})",
        "\n".join(_detection_line(each) for each in detections.values()),
        f"## Hunting queries ({len(hunting)})",
        hunting_lines("../kql/"),
        f"## Workbook tiles ({len(tiles)})",
        tile_lines("../kql/"),
        f"## Functions ({len(kql_function.load_all())})",
        "\n".join(
            f"- [`{name}`](../kql/functions/{name}.kql): {each.description}"
            for name, each in kql_function.load_all().items()
        ),
        _SENTINEL.format(functions=functions, left_out=left_out),
    ]
    return "\n\n".join(parts) + "\n"


def hunting_lines(folder: str) -> str:
    """One line for each hunting query; `folder` leads from the page to kql/."""
    return "\n".join(
        f"- [{each.name}]({folder}hunting/{each.slug}.kql): {each.description}{_parameters(each)}"
        for each in hunting_query.load_all().values()
    )


def tile_lines(folder: str) -> str:
    """One line for each tile in the order of the workbook; `folder` leads from the page to kql/."""
    return "\n".join(
        f"- {each.section}: [{each.title}]({folder}workbooks/{each.slug}.kql). {each.description}"
        for each in workbook_tile.load_all()
    )


def question_of(found: Detection) -> str:
    """Which question a detection answers; its tables and techniques say it."""
    tables = set(found.tables)
    if tables <= {"AzureActivity", "AppServiceAuditLogs"}:
        return "What changed, and who may deploy?"
    if "_LogOperation" in tables or found.operator.startswith("LessThan"):
        return "Can I trust the log, and what does it cost?"
    if tables <= {"AppServicePlatformLogs", "AzureMetrics"}:
        return "Is the app healthy?"
    if any(each.startswith("T1078") for each in found.attack):
        return "Did they get in?"
    return "Who is attacking?"


def _by_question(
    detections: list[Detection], hunting: list[HuntingQuery], tiles: list[WorkbookTile]
) -> Iterator[str]:
    for question in QUESTIONS:
        kinds = {
            "Alerts": [
                f"[{each.name}](../kql/detections/{each.slug}.kql)"
                for each in detections
                if question_of(each) == question
            ],
            "Workbook": [
                f"[{each.title}](../kql/workbooks/{each.slug}.kql)"
                for each in tiles
                if each.question == question
            ],
            "Hunting": [
                f"[{each.name}](../kql/hunting/{each.slug}.kql)"
                for each in hunting
                if each.question == question
            ],
        }
        lines = [f"- {kind}: {' · '.join(links)}" for kind, links in kinds.items() if links]
        yield f"### {question}\n\n" + "\n".join(lines)


def _detection_line(found: Detection) -> str:
    link = f"[{found.name}](../kql/detections/{found.slug}.kql)"
    return f"- {link} (severity {found.severity}): {found.description}"


def _parameters(query: HuntingQuery) -> str:
    names = re.findall(r"^let (\w+) = (?:\"|\d|true|false)", query.query, re.MULTILINE)
    return f" Parameters: {', '.join(f'`{name}`' for name in names)}." if names else ""
