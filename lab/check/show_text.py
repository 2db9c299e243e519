"""The report for people: by file, each finding with its line and a caret under the place."""

from collections.abc import Iterator
from itertools import groupby

from components.content.places import ROOT
from lab.check.finding import Finding
from lab.check.run import Report

_INDENT = "    "
_WIDEST = 100


def text(report: Report) -> str:
    """The whole report; nothing but its last line where all is well."""
    blocks = [
        "\n".join([path, *(line for each in findings for line in _lines(each))])
        for path, findings in groupby(report.findings, key=lambda each: each.path)
    ]
    return "\n\n".join([*blocks, summary(report)])


def summary(report: Report) -> str:
    """`2 errors, 1 warning in 67 files`."""
    kinds = [each.rule.severity for each in report.findings]
    errors, warnings = kinds.count("error"), kinds.count("warning")
    return (
        f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
        f" in {_counted(len(report.files), 'file')}"
    )


def _lines(finding: Finding) -> Iterator[str]:
    place = ":".join(str(each) for each in (finding.line, finding.column) if each)
    yield f"  {finding.rule.severity} {finding.rule_id}{f', line {place}' if place else ''}"
    yield f"{_INDENT}{finding.what}"
    yield from _source(finding)
    yield f"{_INDENT}{finding.instead}"
    yield f"{_INDENT}({finding.rule.why})"


def _source(finding: Finding) -> Iterator[str]:
    if finding.line is None or finding.column is None:
        return
    try:
        row = (ROOT / finding.path).read_text(encoding="utf-8").splitlines()[finding.line - 1]
    except (OSError, ValueError, IndexError):
        return
    row = row.replace("\t", " ")
    start = finding.column - 1
    cut = max(0, start - _WIDEST // 2)
    shown = row[cut : cut + _WIDEST]
    yield f"{_INDENT}| {shown}"
    width = max(1, min(finding.width, len(shown) - (start - cut)))
    yield f"{_INDENT}| {' ' * (start - cut)}{'^' * width}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
