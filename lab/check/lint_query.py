"""Lint of a query's text: filters that are missing, and what log alerts do not take."""

import re
from collections.abc import Iterator
from typing import Final

from components.limits import alert_rule, kql_text
from components.limits.alert_rule import FREQUENCIES, AlertRuleValues
from lab.check.finding import Finding
from lab.check.query import Query

_EVENT_RESULT: Final = re.compile(
    r"\b(EventResult|EventResultDetails|EventOriginalResultDetails)\s*(==|=~|!=|!~|!?(in|has|contains|startswith)\b)"
)
_EVENT_TYPE: Final = re.compile(r"\bEventType\s*(?:==|=~)\s*[\"'](\w+)|\bEventType\s+in\b")
_FAILURE_TEXT: Final = re.compile(r"fail|denied|refused|traceback|exception|EventResult", re.I)
_OWN_WORD: Final = re.compile(
    r"\bResultDescription\s+(?:has|contains|startswith|matches regex)\w*"
    r"\s*\(?\s*@?[\"'](?!(?:log|sign)[-_ ]?(?:in|on)\b|auth|user|session)[^\"'\n]{4,}",
    re.I,
)
"""A word that an app prints for what is out of the usual; everybody's sign-in holds the others."""
_SCHEMA: Final = re.compile(r"[\"']Authentication[\"']|EventSchema")
_ARRIVAL: Final = re.compile(r"\bingestion_time\s*\(|\b_TimeReceived\b")
_LITERAL: Final = re.compile(r'@?"[^"\n]*"|@?\'[^\'\n]*\'')
_PATH_AS_KEY: Final = re.compile(r"\b(CsUriQuery|ScStatus)\b")


def check(query: Query) -> list[Finding]:
    """What is wrong with the text of a detection's query."""
    return [
        *_no_failure_filter(query),
        *_path_without_query(query),
        *_forbidden(query),
        *_functions_each_minute(query),
        *_hidden_threshold(query),
    ]


def _no_failure_filter(query: Query) -> Iterator[Finding]:
    # That nothing comes, or comes late, is no matter of who failed.
    is_absence = query.text("operator").startswith("LessThan") or _ARRIVAL.search(query.code)
    is_console = re.search(r"\b(LoginEvents|AppServiceConsoleLogs)\b", query.code)
    if is_console is None or is_absence:
        return
    text = kql_text.without_comments(query.file.body)
    other_events = [found for found in _EVENT_TYPE.finditer(text) if found[1] != "Logon"]
    on_events = is_console[0] == "LoginEvents"
    told = bool(_EVENT_RESULT.search(query.code) or other_events)
    if not on_events:
        told = told or any(_FAILURE_TEXT.search(each) for each in _LITERAL.findall(text))
        # Lines that a rule picks by a word of the app's own are not everybody's sign-ins.
        told = told or bool(_OWN_WORD.search(text) and not _SCHEMA.search(text))
    if not told:
        yield query.at(
            is_console.start(),
            len(is_console[0]),
            "no-failure-filter",
            f"{is_console[0]} is read without a filter on failures",
            'expected LoginEvents with `| where EventType == "Logon" and EventResult == "Failure"`,'
            ' or countif(EventResult == "Failure")',
        )


def _path_without_query(query: Query) -> Iterator[Finding]:
    stem = re.search(r"\bCsUriStem\b", query.code)
    if stem and not _PATH_AS_KEY.search(query.code):
        yield query.at(
            stem.start(),
            len(stem[0]),
            "path-without-query",
            "CsUriStem is searched and CsUriQuery is not",
            'expected both, as in DecodeUrl(strcat(CsUriStem, "?", CsUriQuery));'
            " or ScStatus, where only the answer matters",
        )


def _forbidden(query: Query) -> Iterator[Finding]:
    """What components/limits/alert_rule.py refuses in a query, at its place."""
    frequency = query.head.get("frequency")
    values = AlertRuleValues(
        severity=3,
        evaluation_frequency=str(frequency) if frequency in FREQUENCIES else "PT5M",
        window_size="P1D",
        time_aggregation="Count",
        operator="GreaterThan",
        threshold=0,
        query=query.statement,
    )
    for refusal in alert_rule.refusals(values):
        if refusal.where.property != "query":
            continue
        name = re.match(r"\w+", str(refusal.value))
        word = name[0] if name else str(refusal.value)
        start = next(query.words(word), 0)
        what = f"{refusal.value} {refusal.what}"
        yield query.at_statement(start, len(word), "forbidden-construct", what, refusal.expected)


def _functions_each_minute(query: Query) -> Iterator[Finding]:
    if query.head.get("frequency") != "PT1M":
        return
    for function in query.functions:
        place = re.search(rf"\b{function.name}\b", query.code)
        if place and not function.parameters:
            yield query.at(
                place.start(),
                len(place[0]),
                "function-each-minute",
                f"{function.name} calls a table, and the rule is evaluated each minute",
                "expected PT5M or more, or the table itself",
            )


def _hidden_threshold(query: Query) -> Iterator[Finding]:
    """A comparison of the measured column in the query would be a second threshold."""
    column = query.measured
    if column is None:
        return
    constants = set(re.findall(r"\blet\s+(\w+)\s*=\s*-?[\d.]+\s*;", query.code))
    compared = rf"\| where {re.escape(column)} *(?:[<>]=?|==) *(\w+) *(?:$|\|)"
    for found in re.finditer(compared, query.code, re.MULTILINE):
        # With another column it is compared as a share, and with 0 it is whether there is any.
        if found[1] not in constants and (not found[1].isdigit() or int(found[1]) == 0):
            continue
        yield query.at(
            found.start(),
            len(found[0].rstrip(" |")),
            "hidden-threshold",
            f"the query compares {column}, which the head measures",
            "expected the comparison in the head alone: operator and threshold",
        )
