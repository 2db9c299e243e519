"""Names in Python and in JSON."""

import pytest

from components.limits.letter_case import camel, snake


@pytest.mark.parametrize(
    ("python", "json"),
    [("alert_emails", "alertEmails"), ("start", "start"), ("days_of_30", "daysOf30")],
)
def test_a_name_in_both_spellings(python: str, json: str) -> None:
    assert camel(python) == json


@pytest.mark.parametrize(
    ("json", "python"),
    [("alertEmails", "alert_emails"), ("GetPluginInfo", "get_plugin_info"), ("start", "start")],
)
def test_back_to_pythons(json: str, python: str) -> None:
    assert snake(json) == python
