"""Writes what is generated: the tables of README.md, kql/README.md, docs/kql-library.md,
docs/lab-fidelity.md, docs/settings.md, the functions of kql/patterns, the modules that both apps
ship, the `config:` block of Pulumi.yaml, and the schema of the package, components/schema.json.

`python docs/generate.py` writes them; with `--check` it says which are stale and exits 1.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from components.content import attack_sign  # noqa: E402 the path comes first
from components.content.detection import Detection, load_all  # noqa: E402
from components.content.kql_function import KqlFunction  # noqa: E402
from components.content.kql_function import load_all as load_functions  # noqa: E402
from components.limits.alert_rule import in_words  # noqa: E402 the path comes first
from components.package import schema  # noqa: E402
from docs import (  # noqa: E402
    alert_reference,
    component_reference,
    coverage_page,
    event_words,
    families,
    noise_figures,
    query_library,
    set_prices,
    shared_modules,
    source_tables,
)
from lab.azure import TYPES  # noqa: E402
from settings import declaration  # noqa: E402
from settings.rows import ROWS  # noqa: E402


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


SETTINGS_OF_README = ("location", "alertEmails", "webhookUrl", "appServiceSku", "detections")
"""What nearly every stack changes; the others are in docs/settings.md."""


def settings_table(keys: Iterable[str] = ROWS) -> str:
    """One row a setting."""
    return table(
        ("Setting", "Type", "Default", "What it does"),
        [declaration.table_row(ROWS[key]) for key in keys],
    )


def settings_page() -> str:
    """docs/settings.md with the table of all of them."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return with_block(page, "settings", settings_table())


def project_file() -> str:
    """Pulumi.yaml with its `config:` block."""
    return declaration.project_file((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))


def families_table() -> str:
    """One row per family of detections, each with a link to its query."""
    rows = [
        (family, ", ".join(f"[{slug}](kql/detections/{slug}.kql)" for slug in slugs))
        for family, slugs in families.of(load_all()).items()
    ]
    return table(("What happens", "Detections"), rows)


def threshold_in_words(found: Detection) -> str:
    """`Failures >= 20 in 30 min, per SrcIpAddr, looked at every 5 min`."""
    sign = {
        "GreaterThan": ">",
        "GreaterThanOrEqual": ">=",
        "LessThan": "<",
        "LessThanOrEqual": "<=",
        "GreaterOrLessThan": "above or below",
    }[found.operator]
    measure = found.measure_column or "rows"
    per = f", per {' and '.join(found.dimensions)}" if found.dimensions else ""
    window, frequency = in_words(found.window), in_words(found.frequency)
    threshold = (
        f"what Azure has learned (sensitivity {found.sensitivity})"
        if found.threshold is None
        else f"{found.threshold:g}"
    )
    return f"{measure} {sign} {threshold} in {window}{per}, looked at every {frequency}"


def library_page() -> str:
    """kql/README.md: every query, readable without opening the files."""
    parts = [
        "# The queries",
        "Generated from the heads of the `.kql` files by `make docs`; edit those, not this page.",
        "## Detections",
        *(_detection_section(found) for found in load_all().values()),
        "## Functions",
        "Rules carry the functions they use inside them; the same functions are saved in the "
        "workspace, for people who ask the logs themselves.",
        *(_function_section(found) for found in load_functions().values()),
        "## Hunting queries",
        "For people who ask the logs; saved in the workspace. "
        "docs/kql-library.md sorts them by question.",
        query_library.hunting_lines(""),
        "## Workbook",
        "The tiles of the workbook *Login security*, in its order.",
        query_library.tile_lines(""),
    ]
    return "\n\n".join(parts) + "\n"


def _detection_section(found: Detection) -> str:
    def bullets(heading: str, lines: Sequence[str]) -> str:
        return f"**{heading}**\n\n" + "\n".join(f"- {line}" for line in lines)

    return "\n\n".join(
        [
            f"### {found.name}",
            f"[`{found.slug}`](detections/{found.slug}.kql) · severity {found.severity} · "
            f"{found.status} · confidence {found.confidence} of 3 · {', '.join(found.attack)}",
            found.description,
            f"Alert: {threshold_in_words(found)}. Reads {', '.join(found.tables)}.",
            noise_figures.sentence(found),
            bullets("Blind spots", found.blind_spots),
            bullets("False positives", found.false_positives or ["none known"]),
            f"**Response.** {found.response}",
        ]
    )


def _function_section(found: KqlFunction) -> str:
    call = f"{found.name}({found.parameters})" if found.parameters else found.name
    return f"### `{call}`\n\n{found.description}"


def cost_page() -> str:
    """docs/cost.md with the monthly price of each set of detections."""
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    return with_block(page, "sets", set_prices.block())


def fidelity_page() -> str:
    """docs/lab-fidelity.md with the tables of modelled resource types and of log tables."""
    file = ROOT / "components" / "content" / "tables.json"
    tables = json.loads(file.read_text(encoding="utf-8"))
    columns = table(
        ("Table", "Columns"), [(f"`{name}`", str(len(tables[name]))) for name in tables]
    )
    page = (ROOT / "docs" / "lab-fidelity.md").read_text(encoding="utf-8")
    page = with_block(page, "modelled", _resource_types(modelled=True))
    page = with_block(page, "refusals", _refusals())
    page = with_block(page, "recorded", _resource_types(modelled=False))
    return with_block(page, "tables", columns)


def _resource_types(*, modelled: bool) -> str:
    """A table of Azure's types: the token, and the first line of the docstring."""
    rows = [
        (f"`{token}`", (inspect.getdoc(kind) or "").split("\n")[0])
        for token, kind in sorted(TYPES.items())
        if kind.path is not None and kind.is_modelled == modelled
    ]
    return table(("Type", "What it does here" if modelled else "What it is"), rows)


def _refusals() -> str:
    """What each type is refused for beside the SDK's types, in the words of its methods."""
    methods = ("check", "conflicts", "log_categories", "no_private_link")
    rows = [
        (f"`{token}`", " ".join(told))
        for token, kind in sorted(TYPES.items())
        if kind.path is not None
        and (told := [text for each in methods if (text := _own_words(kind, each))])
    ]
    return table(("Type", "Rules, and where they are from"), rows)


def _own_words(kind: type, method: str) -> str:
    """The docstring of a method that the class itself has; '' without."""
    return " ".join((getattr(vars(kind).get(method), "__doc__", None) or "").split())


def with_block(page: str, name: str, content: str) -> str:
    """The page with the text between `<!-- name -->` and `<!-- /name -->` replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(
            f"the page has no block {name!r}; expected <!-- {name} --> … <!-- /{name} -->"
        )
    return pattern.sub(lambda match: match.group(1) + content + match.group(2), page)


def readme() -> str:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    page = with_block(page, "settings", settings_table(SETTINGS_OF_README))
    return with_block(page, "detections", families_table())


def alerts_page() -> str:
    """docs/alerts.md with a table for each kind of alert."""
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    tuned = ("Severity", "Signal and default", "Why", "How to tune")
    for name, headings, rows in (
        (
            "log-alerts",
            ("Detection", "Severity", "Signal and default", "It may also be"),
            alert_reference.log_alerts(threshold_in_words),
        ),
        ("metric-alerts", ("Alert", *tuned), alert_reference.metric_alerts()),
        (
            "activity-log-alerts",
            ("Alert", "Signal", "Default", "Why", "How to tune"),
            alert_reference.activity_log_alerts(),
        ),
    ):
        page = with_block(page, name, table(headings, rows))
    return page


def events_page() -> str:
    """docs/events.md with the words of the app's own code."""
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    found = event_words.words()
    page = with_block(page, "types", table(("EventType", "EventSchema"), event_words.types(found)))
    headings = (
        "EventResultDetails",
        "EventOriginalResultDetails",
        "Answer",
        "Password looked at",
        "When",
    )
    return with_block(page, "refusals", table(headings, event_words.refusals(found)))


def sources_page() -> str:
    """docs/sources.md with the sources, and the detections that they feed."""
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    for name, headings, rows in (
        ("sources", ("Source", "Function", "Log", "Tells"), source_tables.sources()),
        ("detections", source_tables.detection_headings(), source_tables.detections()),
    ):
        page = with_block(page, name, table(headings, rows))
    return page


def components_page() -> str:
    """docs/components.md with the reference of the package's schema."""
    page = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")
    return with_block(page, "components", component_reference.reference(schema(), table))


def package_schema() -> str:
    """components/schema.json: the contract with programs in other languages."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "Pulumi.yaml": project_file,
    "README.md": readme,
    "kql/README.md": library_page,
    "docs/kql-library.md": query_library.page,
    "docs/alerts.md": alerts_page,
    "docs/components.md": components_page,
    "docs/cost.md": cost_page,
    "docs/coverage.md": lambda: coverage_page.page(list(load_all().values()), table),
    "docs/events.md": events_page,
    "docs/lab-fidelity.md": fidelity_page,
    "docs/settings.md": settings_page,
    "docs/sources.md": sources_page,
    "components/schema.json": package_schema,
}


def sign_functions() -> dict[str, Callable[[], str]]:
    """The function of each class of attack; other pages list them, so that they come first."""
    return {f"kql/functions/{each.function}.kql": each.kql for each in attack_sign.load_all()}


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 with --check when a page is stale."""
    stale = []
    for name, build in {**sign_functions(), **shared_modules.copies(), **PAGES}.items():
        path = ROOT / name
        content = build()
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(content, encoding="utf-8")
    if stale:
        print(("stale: " if "--check" in arguments else "written: ") + ", ".join(stale))
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
