"""The report for programs, in a form of its own; `version` counts up when a key changes."""

import json
from typing import Final

from lab.check.run import Report

VERSION: Final = 1


def text(report: Report) -> str:
    """One JSON object."""
    severities = [each.rule.severity for each in report.findings]
    content = {
        "version": VERSION,
        "exitCode": report.exit_code,
        "counts": {kind: severities.count(kind) for kind in ("error", "warning")},
        "files": report.files,
        "notices": report.notices,
        "findings": [
            {
                "rule": each.rule_id,
                "severity": each.rule.severity,
                "check": each.rule.check,
                "file": each.path,
                "line": each.line,
                "column": each.column,
                "what": each.what,
                "why": each.rule.why,
                "instead": each.instead,
            }
            for each in report.findings
        ],
    }
    return json.dumps(content, indent=2)
