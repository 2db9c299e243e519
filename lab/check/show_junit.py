"""The report as JUnit XML: a test case for each file and check."""

from collections import defaultdict
from typing import Final
from xml.etree import ElementTree

from lab.check.finding import Finding
from lab.check.rule import CHECKS, Check
from lab.check.run import Report
from lab.report.plain_text import printable

_SUITE: Final = "lab check"


def text(report: Report) -> str:
    """One suite; errors are failures, warnings stand in the output of their case."""
    found: defaultdict[tuple[str, Check], list[Finding]] = defaultdict(list)
    for each in report.findings:
        found[each.path, each.rule.check].append(each)
    paths = dict.fromkeys([*report.files, *(each.path for each in report.findings)])
    keys = [
        (path, check)
        for path in paths
        for check in CHECKS
        if path in report.files or (path, check) in found
    ]
    suite = ElementTree.Element("testsuite", name=_SUITE)
    for key in keys:
        _case(suite, key, found[key], report.not_run.get(key))
    counts = {
        "tests": len(keys),
        "failures": sum(case.find("failure") is not None for case in suite),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in suite),
    }
    suites = ElementTree.Element("testsuites", name=_SUITE)
    for element in (suites, suite):
        element.attrib |= {name: str(count) for name, count in counts.items()}
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=False)


def _case(
    suite: ElementTree.Element,
    key: tuple[str, Check],
    findings: list[Finding],
    not_run: str | None,
) -> None:
    path, check = key
    case = ElementTree.SubElement(suite, "testcase", classname=printable(path), name=check)
    errors = [each for each in findings if each.rule.severity == "error"]
    warnings = [each for each in findings if each not in errors]
    if errors:
        failure = ElementTree.SubElement(
            case,
            "failure",
            type=errors[0].rule_id,
            message=printable(errors[0].what),
        )
        failure.text = "\n".join(_line(each) for each in errors)
    elif not_run and not warnings:
        ElementTree.SubElement(case, "skipped", message=printable(not_run))
    if warnings:
        output = ElementTree.SubElement(case, "system-out")
        output.text = "\n".join(_line(each) for each in warnings)


def _line(finding: Finding) -> str:
    place = ":".join(str(each) for each in (finding.path, finding.line, finding.column) if each)
    return printable(
        f"{place}: {finding.rule_id}: {finding.what}; {finding.instead}. {finding.rule.why}"
    )
