"""Why the rule of a detection cannot be evaluated at all, told by the places in its own file."""

from datetime import timedelta
from typing import Final

from components.content.detection import Detection
from components.limits.refusal import shown
from lab.azure.monitor.log_search.alert_rule import AlertRule, AlertRuleError, evaluate
from lab.cases.case_file import START
from lab.check import execution, library, lint_result
from lab.check.finding import Finding
from lab.logs.log_tables import LogTables

_RESULT: Final = ("dimension-not-in-result", "measure-not-in-result")
_BEFORE: Final = START - timedelta(weeks=1)
"""A moment at which no case has a row: what fails then fails whatever the rows are."""


def find(detection: Detection, rule: AlertRule, tables: LogTables) -> list[str]:
    """One message a fault, with file and line; [] when the rule can be evaluated."""
    try:
        evaluate(rule, tables, _BEFORE)
    except AlertRuleError as error:
        told = [
            f"{each.what}; {each.instead} ({each.path}:{each.line})" for each in _found(detection)
        ]
        return told or [f"{error} ({shown(detection.path)})"]
    return []


def _found(detection: Detection) -> list[Finding]:
    """What `lab check` says of it. Only now is the library read: a sound rule needs none of it."""
    read = library.read(detection.path.parent.parent)
    for query in read.of("detection"):
        if query.slug == detection.slug:
            outcome = execution.check([query])[query.path]
            result = lint_result.check(query, outcome)
            return outcome.findings or [each for each in result if each.rule_id in _RESULT]
    return []
