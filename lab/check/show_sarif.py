"""The report as SARIF 2.1.0 (OASIS), which code scanning and editors read."""

import json
from typing import Any, Final
from urllib.parse import quote

from lab.check.finding import Finding
from lab.check.rule import RULES, Rule
from lab.check.run import Report

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_NUMBERS: Final = {rule_id: number for number, rule_id in enumerate(RULES)}


def text(report: Report) -> str:
    """One log with one run."""
    run = {
        "tool": {
            "driver": {"name": "lab check", "rules": [_rule(each) for each in RULES.values()]}
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": report.exit_code,
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": each}} for each in report.notices
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(each) for each in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"check": rule.check},
    }


def _result(finding: Finding) -> dict[str, Any]:
    # Readers such as code scanning want a line, also for what concerns a whole file.
    region = {"startLine": finding.line or 1}
    if finding.line and finding.column:
        region |= {"startColumn": finding.column}
    return {
        "ruleId": finding.rule_id,
        "ruleIndex": _NUMBERS[finding.rule_id],
        "level": finding.rule.severity,
        "message": {"text": f"{finding.what}; {finding.instead}. {finding.rule.why}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(finding.path), "uriBaseId": "%SRCROOT%"},
                    "region": region,
                }
            }
        ],
    }
