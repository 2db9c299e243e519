"""What every stack's resources have in common when one of them has to be made anew."""

import runpy

import pytest

from components.content.places import ROOT
from lab.azure import TYPES
from lab.azure.core.resource_error import plain_token
from tests.conftest import Engine, Registered, StackConfig

NEEDED = {
    "alertEmails": ["soc@example.com"],
    "initialUsers": {"alice": "correct-horse-battery"},
}
DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"


@pytest.fixture
def everything(stack_config: StackConfig, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The stack with every option, as it is registered."""
    stack_config("max", **NEEDED)
    monkeypatch.chdir(ROOT)
    return Engine("max").deploy(lambda: runpy.run_path("__main__.py", run_name="__main__") and None)


def test_whatever_has_a_name_of_ours_goes_before_its_successor_comes(everything: Engine) -> None:
    """Two cannot have one name at once: `--replace` would end with 409."""
    named = [each for each in everything.registered if has_own_name(each)]
    assert len(named) >= 10
    assert [each.name for each in named if not each.delete_before_replace] == []


def test_a_diagnostic_setting_goes_before_its_successor_comes(everything: Engine) -> None:
    """One resource sends a category to a workspace once (409, "data sink is already used")."""
    settings = everything.all(DIAGNOSTICS)
    assert len(settings) > 1
    assert [each.name for each in settings if not each.delete_before_replace] == []


def test_a_name_unique_in_the_world_is_new_for_a_resource_that_moved(everything: Engine) -> None:
    suffixes = everything.all("random:index/randomId:RandomId")
    assert len(suffixes) >= 4
    for each in suffixes:
        more = {"network"} if each.name.endswith("database-suffix") else set()
        assert set(each["keepers"]) == {"resource_group", "location"} | more, each.name


def has_own_name(each: Registered) -> bool:
    kind = TYPES.get(plain_token(each.type))
    path = kind.path if kind is not None else None
    return path is not None and each.inputs.get(path.name_property) is not None
