"""The comment of a pull request: what would change, and what it would cost."""

from typing import Final

from pipeline.markdown import code
from pipeline.plan import Plan, Step

MANY: Final = 60
MAX_CHARACTERS: Final = 60_000
"""GitHub takes 65,536."""


def text(plan: Plan, stack: str, cost: str) -> str:
    """`cost` is Markdown already (`lab cost --markdown`); without it nothing is said of money."""
    total = ", ".join(f"{count} to {op}" for op, count in plan.counts.items()) or "nothing changes"
    parts = [f"### Stack {code(stack)}: {total}"]
    if plan.errors:
        parts.append("\n".join(f"- **error** {code(error)}" for error in plan.errors))
    if plan.losses:
        parts.append("\n".join(f"- **state is lost** {code(each)}" for each in plan.losses))
    if plan.steps:
        rows = "\n".join(map(_row, plan.steps[:MANY]))
        more = len(plan.steps) - MANY
        rest = f"\n\nand {more} more" if more > 0 else ""
        table = f"| Change | Resource | Type | Properties |\n|---|---|---|---|\n{rows}{rest}"
        parts.append(f"<details><summary>What changes</summary>\n\n{table}\n\n</details>")
    if cost:
        parts.append(f"### Cost\n\n{cost.strip()}")
    whole = "\n\n".join(parts) + "\n"
    cut = "\n\n(cut here: too long for a comment)\n"
    return whole if len(whole) <= MAX_CHARACTERS else whole[: MAX_CHARACTERS - len(cut)] + cut


def _row(step: Step) -> str:
    cells = (step.op, code(step.name), code(step.type), ", ".join(map(code, step.paths[:8])))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
