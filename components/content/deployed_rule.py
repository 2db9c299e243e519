"""A detection in the form in which a stack deploys it. Pure.

The files of `kql/` say what is measured; this adds what every rule in Azure needs: sources that may
be empty, only the apps that are meant, no time series that cannot alert, and no alarm for rows that
cannot be there yet.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from components.content import rule_exception
from components.content.detection import Detection
from components.content.log_sources import Owners, with_sources
from components.content.rule_exception import RuleException

THRESHOLD_MARK: Final = (
    "// Azure bills each combination of values of the dimensions: only those that alert go on."
)
FIRST_ROWS_MARK: Final = (
    "// The first rows of a new workspace take up to 90 minutes: until then silence is no news."
)
FIRST_ROWS: Final = "2h"
COUNTED: Final = "Rows"
_AT_LEAST: Final = {"GreaterThan": ">", "GreaterThanOrEqual": ">="}
_AT_MOST: Final = ("LessThan", "LessThanOrEqual")
_UNCHANGED_BY_FILTER: Final = ("Total", "Maximum")
"""A row that is left out changes neither, where each combination of values has one row."""


def deployed(
    found: Detection,
    owners: Owners | None = None,
    exceptions: Sequence[RuleException] = (),
    since: datetime | None = None,
) -> Detection:
    """The same detection with the whole query in one text; it raises the same alerts.

    Rows that a stack excepts do not count until the exception ends; the description says so.

    `since` is when the workspace was made: a rule that rings for too few rows counts one of ours as
    long as Azure's first ones may be under way, and rings after that if none has ever come.

    A rule that counts rows becomes one that takes a number of rows, for there is nothing else to
    leave out.
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
    if since is not None and rings_for_silence(found):
        moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        waiting = f"where TimeGenerated < datetime({moment}) + {FIRST_ROWS}"
        lines += [FIRST_ROWS_MARK, f"| union (print TimeGenerated = now() | {waiting})"]
    without = rule_exception.conditions(exceptions, found)
    query = with_sources("\n".join(lines), found.tables, owners, without)
    if told := rule_exception.in_words(exceptions, found):
        changed = replace(changed, description=f"{found.description} Excepted: {told}.")
    return replace(changed, query=query, functions=())


def without_threshold(query: str) -> str:
    """What a deployed query measures, below the threshold too."""
    return query.partition(f"\n{THRESHOLD_MARK}\n")[0]


def without_waiting(query: str) -> str:
    """A deployed query as it is when the first rows have had their time."""
    return query.partition(f"\n{FIRST_ROWS_MARK}\n")[0]


def moment(text: str) -> datetime | None:
    """Of what Azure says of a workspace's creation, ISO 8601 or RFC 1123; None for neither."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def rings_for_silence(found: Detection) -> bool:
    """Whether it alerts when there are too few rows."""
    return found.operator in _AT_MOST and found.measure_column is None and not found.dimensions


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
