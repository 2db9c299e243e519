"""A detection in the form in which a stack deploys it. Pure.

The files of `kql/` say what is measured; this adds what every rule in Azure needs: sources that may
be empty, only the apps that are meant, and no time series that cannot alert.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from components.content import rule_exception
from components.content.detection import Detection
from components.content.log_sources import Owners, with_sources
from components.content.rule_exception import RuleException

THRESHOLD_MARK: Final = (
    "// Azure bills each combination of values of the dimensions: only those that alert go on."
)
COUNTED: Final = "Rows"
_AT_LEAST: Final = {"GreaterThan": ">", "GreaterThanOrEqual": ">="}
_UNCHANGED_BY_FILTER: Final = ("Total", "Maximum")
"""A row that is left out changes neither, where each combination of values has one row."""


def deployed(
    found: Detection,
    owners: Owners | None = None,
    exceptions: Sequence[RuleException] = (),
) -> Detection:
    """The same detection with the whole query in one text; it raises the same alerts.

    Rows that a stack excepts do not count until the exception ends; the description says so. A rule
    that counts rows becomes one that takes a number of rows, for there is nothing else to leave
    out.
    """
    changed = found
    lines = [found.rendered_query()]
    if _is_billed_by_value(found):
        if found.measure_column is None:
            by = ", ".join(found.dimensions)
            lines.append(f"| summarize {COUNTED} = count() by {by}")
            changed = replace(changed, measure_column=COUNTED, aggregation="Total")
        sign = _AT_LEAST[found.operator]
        lines += [THRESHOLD_MARK, f"| where {changed.measure_column} {sign} {found.threshold:g}"]
    without = rule_exception.conditions(exceptions, found)
    query = with_sources("\n".join(lines), found.tables, owners, without)
    if told := rule_exception.in_words(exceptions, found):
        changed = replace(changed, description=f"{found.description} Excepted: {told}.")
    return replace(changed, query=query, functions=())


def without_threshold(query: str) -> str:
    """What a deployed query measures, below the threshold too."""
    return query.partition(f"\n{THRESHOLD_MARK}\n")[0]


def _is_billed_by_value(found: Detection) -> bool:
    """Whether an attacker's new values would become time series that are billed and never alert."""
    measured = found.measure_column is None or found.aggregation in _UNCHANGED_BY_FILTER
    return bool(
        found.dimensions
        and found.operator in _AT_LEAST
        and found.threshold is not None
        and found.failing_periods == 1
        and measured
    )
