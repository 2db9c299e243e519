"""An estimate for people: as a table for the terminal, as Markdown for a pull request."""

import os
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table

from lab.cost.alert_price import WORST_SERIES
from lab.cost.alerts import worst_log_rules
from lab.cost.estimate import Estimate
from lab.cost.line import CostLine
from lab.cost.savings import Suggestion
from lab.report.plain_text import plain


def terminal(stack: str, found: Estimate, ideas: Sequence[Suggestion], console: Console) -> None:
    """Every line, the total, and what to change."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title_justify="left")
    table.title = f"A month of stack {stack}, {found.scene.prices.currency}"
    table.add_column("resource", overflow="fold", min_width=26)
    table.add_column("for", overflow="fold")
    table.add_column("a month", justify="right", no_wrap=True)
    for name, lines in by_resource(found.lines):
        what = "\n".join(map(_in_words, lines))
        table.add_row(plain(name), plain(what), _money(sum(each.monthly for each in lines)))
    table.add_section()
    table.add_row("total", "", _money(found.monthly), style="bold")
    console.print(Group(table, *(plain(line) for line in _remarks(found))))
    if ideas:
        console.print(plain("\nTighter, each change on top of those above it:", "bold"))
        for idea in ideas:
            console.print(plain(f"{idea.monthly:>9,.2f}  {idea.change} (loses {idea.loses})"))


def markdown(stack: str, found: Estimate, ideas: Sequence[Suggestion]) -> str:
    """Short enough for a comment: lines of one kind together."""
    currency = found.scene.prices.currency
    rows = [
        f"| {item} | {count} | {monthly:,.2f} |"
        for item, count, monthly in summed(found.lines)
        if monthly >= 0.005
    ]
    parts = [
        f"**A month of stack `{_cell(stack)}`: {found.monthly:,.2f} {currency}**"
        f" ({found.after_grants:,.2f} after Azure's free grants)",
        "\n".join(["| For | Resources | A month |", "|---|---:|---:|", *rows]),
        "\n".join(f"- {_cell(each)}" for each in _remarks(found)),
    ]
    if ideas:
        parts += [
            "<details><summary>How to make it about half</summary>",
            "\n".join(
                [
                    "| Change | Loses | Saves alone | Bill with all so far |",
                    "|---|---|---:|---:|",
                    *(
                        f"| {_cell(idea.change)} | {_cell(idea.loses)} | {idea.saves:,.2f}"
                        f" | {idea.monthly:,.2f} |"
                        for idea in ideas
                    ),
                ]
            ),
            "</details>",
        ]
    return "\n\n".join(parts) + "\n"


def summed(lines: Sequence[CostLine]) -> list[tuple[str, int, float]]:
    """Item, number of lines, their sum; the dearest first."""
    found: dict[str, tuple[int, float]] = {}
    for each in lines:
        count, monthly = found.get(each.item, (0, 0.0))
        found[each.item] = count + 1, monthly + each.monthly
    rows = [(item, count, monthly) for item, (count, monthly) in found.items()]
    return sorted(rows, key=lambda row: -row[2])


def summary(found: Estimate) -> str:
    """One line: for the end of a rehearsal, which adds the command that says more."""
    currency = found.scene.prices.currency
    open_ = f"; {len(found.unpriced)} not priced" if found.unpriced else ""
    return (
        f"a month in Azure: about {found.monthly:,.2f} {currency} at list prices,"
        f" {found.scene.usage.users:,} users{open_}"
    )


def by_resource(lines: Sequence[CostLine]) -> list[tuple[str, list[CostLine]]]:
    """Lines of each resource, the dearest resource first; what all names begin with is left out."""
    found: dict[str, list[CostLine]] = {}
    for each in lines:
        found.setdefault(each.resource, []).append(each)
    begin = os.path.commonprefix(list(found)) if len(found) > 1 else ""
    begin = begin[: begin.rfind("-") + 1]
    rows = [(name.removeprefix(begin), several) for name, several in found.items()]
    return sorted(rows, key=lambda row: -sum(each.monthly for each in row[1]))


def _in_words(line: CostLine) -> str:
    """`availability test: 43,800 at 0.000645 (5 locations, every 5 min)`."""
    quantity = f"{line.quantity:,.2f}".rstrip("0").rstrip(".")
    price = f"{line.price.amount:.7f}".rstrip("0").rstrip(".")
    of = f" ({line.of})" if line.of else ""
    return f"{line.item}: {quantity} at {price}{of}"


def _money(amount: float) -> str:
    return "< 0.01" if 0 < amount < 0.005 else f"{amount:,.2f}"


def _remarks(found: Estimate) -> Iterator[str]:
    scene = found.scene
    usage = scene.usage
    yield (
        f"{usage.users:,} users, {usage.requests_a_day:,.0f} requests and"
        f" {usage.sign_ins_a_day:,.0f} sign-ins a day, {usage.alerts_a_month:,} alerts a month;"
        f" log bytes {scene.volume.measured}"
    )
    if worst := worst_log_rules(scene):
        yield (
            f"worst case of the log alert rules: {worst:,.2f}, were each attacked all month by"
            f" {WORST_SERIES} addresses or accounts beyond its threshold; an hour is a 730th of it"
        )
    for use in found.grants:
        grant = use.grant
        yield (
            f"free grant: {grant.quantity:,g} {grant.unit} for each {grant.of},"
            f" worth {use.saves:,.2f} here if nothing else uses it"
        )
    for each in found.unpriced:
        yield f"not priced: {each.resource}, {each.item}: {each.reason}"
    if found.unconfirmed:
        yield f"UNCONFIRMED prices: {', '.join(found.unconfirmed)}"
    regions = sorted({each.price.region for each in found.lines})
    yield (
        f"list prices of {', '.join(regions)}, looked up {scene.prices.read}, each with its own"
        " date and source in lab/cost/prices.json"
    )


def _cell(text: str) -> str:
    """Text that cannot leave its place in a Markdown table or name somebody."""
    for sign, harmless in (
        ("\\", "\\\\"),
        ("|", "\\|"),
        ("<", "&lt;"),
        ("@", "&#64;"),
        ("\n", " "),
    ):
        text = text.replace(sign, harmless)
    return text
