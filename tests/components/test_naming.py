"""Azure's name limits."""

import re

import pytest

from components import naming


def test_a_web_app_is_named_after_its_component_with_a_suffix() -> None:
    assert naming.web_app_name("login-monitor-app", "3fa2c1") == "login-monitor-app-3fa2c1"


@pytest.mark.parametrize("base", ["a" * 90, "My App__of the_Lab", "-" * 70 + "x", "x" * 52 + "-y"])
def test_any_base_gives_a_name_that_azure_takes_and_keeps_the_suffix(base: str) -> None:
    name = naming.web_app_name(base, "3fa2c1")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,58}[a-z0-9]", name), name
    assert name.endswith("-3fa2c1")
    assert "--" not in name


@pytest.mark.parametrize(
    ("host", "scm"),
    [
        ("shop.azurewebsites.net", "shop.scm.azurewebsites.net"),
        (
            "shop-a1b2.westeurope-01.azurewebsites.net",
            "shop-a1b2.scm.westeurope-01.azurewebsites.net",
        ),
    ],
)
def test_kudu_answers_beside_the_app(host: str, scm: str) -> None:
    assert naming.scm_host(host) == scm


def test_an_action_group_has_a_short_name_within_azures_limit() -> None:
    assert naming.action_group_short_name("routine") == "LoginRoutine"
    with pytest.raises(ValueError, match="LoginInformational is too long; expected at most 12"):
        naming.action_group_short_name("informational")
