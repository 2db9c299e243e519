"""What components ask of a provider: each question goes to the provider of the component."""

import ast
from collections.abc import Iterator

from components.content.places import ROOT

MODULES = sorted((ROOT / "components").rglob("*.py"))


def questions(source: str) -> Iterator[ast.Call]:
    """Calls of provider functions: `list_keys_output(…)`, `module.get_thing(…)`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and name(node.func).endswith("_output"):
            yield node


def name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def has_parent(call: ast.Call) -> bool:
    options = next((each.value for each in call.keywords if each.arg == "opts"), None)
    return isinstance(options, ast.Call) and any(each.arg == "parent" for each in options.keywords)


def test_every_question_goes_to_the_components_own_provider() -> None:
    """Without a parent it goes to the default provider: to another subscription, or to none."""
    calls = [
        (str(module.relative_to(ROOT)), call)
        for module in MODULES
        for call in questions(module.read_text(encoding="utf-8"))
    ]
    assert len(calls) >= 2
    assert [f"{module}:{call.lineno}" for module, call in calls if not has_parent(call)] == []


def test_a_question_without_a_parent_is_found() -> None:
    asked = "redis.list_keys_output(name=x)\nlogic.list_url_output(n=x, opts=Options(parent=self))"
    assert [call.lineno for call in questions(asked) if not has_parent(call)] == [1]


def test_there_are_questions() -> None:
    found = {
        name(call.func)
        for module in MODULES
        for call in questions(module.read_text(encoding="utf-8"))
    }
    assert found == {"list_database_keys_output", "list_workflow_trigger_callback_url_output"}
