"""Expressions of workflows: what they come to, and what is refused."""

from typing import Any

import pytest

from lab.azure.logic.expression import complaints, evaluate
from lab.azure.logic.functions import FUNCTIONS, ExpressionError

BODY = {"data": {"names": ["anna", "bob"], "count": 3, "null": None, "flag": True}}


def value(text: Any) -> Any:
    return evaluate(
        text, {"triggerBody": lambda: BODY, "utcNow": lambda: "2026-01-05T23:30:00.0000000Z"}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a@example.com", "a@example.com"),
        ("@@concat('a')", "@concat('a')"),
        ("@concat('it''s ', 'so')", "it's so"),
        ("@triggerBody()['data']['names'][1]", "bob"),
        ("@triggerBody().data.count", 3),
        ("@triggerBody()?['nothing']?['at']?['all']", None),
        ("@coalesce(triggerBody()?['x'], 'else')", "else"),
        ("@{triggerBody()['data']['count']} of @{length('abcd')}@@", "3 of 4@"),
        (
            "[@{triggerBody()['data']['null']}] @{triggerBody()['data']['names']}",
            '[] ["anna","bob"]',
        ),
        ("@{concat('}', '{')}", "}{"),
        ("@add(mul(2, 3), 4)", 10),
        ("@equals(true, 1)", False),
        ("@equals('a', 'A')", False),
        ("@and(true, not(false), or(false, true))", True),
        ("@greater('b-2', 'b-10')", True),
        ("@lessOrEquals(3, 3)", True),
        ("@startsWith('Login-Block-1', 'login-block-')", True),
        ("@isInt('12')", True),
        ("@isInt('1.2')", False),
        ("@int('0012')", 12),
        ("@first(createArray())", None),
        ("@union(createArray(1, 2), createArray(2, 3))", [1, 2, 3]),
        ("@join(split('a.b', '.'), decodeUriComponent('%0A'))", "a\nb"),
        ("@contains(triggerBody()['data']['names'], 'anna')", True),
        ("@replace('[a]', '[', '(')", "(a]"),
        ("@formatDateTime(addMinutes(utcNow(), 45), 'yyyyMMddTHHmmssZ')", "20260106T001500Z"),
        ({"a": ["@add(1, 1)", 5]}, {"a": [2, 5]}),
    ],
)
def test_an_expression_comes_to_its_value(text: Any, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "@triggerBody()['nothing']",
        "@triggerBody()['data']['count']?['x']",
        "@int('x')",
        "@int('1 ')",
        "@first(null)",
        "@length(3)",
        "@greater('1', 1)",
        "@and(true, 'true')",
        "@concat('a', 1)",
        "@json('{')",
    ],
)
def test_what_azure_could_not_work_out_is_an_error(text: str) -> None:
    with pytest.raises(ExpressionError):
        value(text)


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "@concat('a'",
        "@concat('a') b",
        "@guid()",
        "@{length('a')",
        "@a",
        "@concat('a',)",
        "@x()?",
    ],
)
def test_what_cannot_be_read_is_complained_about_beforehand(text: str) -> None:
    assert list(complaints({"inputs": [text]}))


def test_every_function_is_spelled_as_azure_spells_it() -> None:
    assert not list(complaints([f"@{name}()" for name in FUNCTIONS]))
    assert list(complaints(["@nosuchfunction()"]))
