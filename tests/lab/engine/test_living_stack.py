"""A stack that is updated again and again in this process, step by step as Pulumi's engine does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine.living_stack import InProcessStack, Update
from tests.support.project import HEAD, PASSWORD, PROJECT

GROUP = """
    group = resources.ResourceGroup("group", location="westeurope")
"""
LOGS = """
    logs = operationalinsights.Workspace("logs", resource_group_name=group.name,
        location="{place}", retention_in_days={days}{more})
"""


class Life:
    """A program that can be changed between two updates."""

    def __init__(self, folder: Path, azure: Azure) -> None:
        self.folder = folder
        self.azure = azure
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(PROJECT)
        self.write("")
        self.stack = InProcessStack(folder, "local", azure)

    def write(self, body: str) -> None:
        (self.folder / "__main__.py").write_text(HEAD + dedent(body))

    def up(self, body: str | None = None, cut_after: int | None = None) -> Update:
        if body is not None:
            self.write(body)
        return self.stack.up({"password": PASSWORD}, cut_after)

    def steps(self, body: str) -> list[tuple[str, str]]:
        found = self.up(body)
        assert not found.failure
        return [(each.op, each.name) for each in found.changes]

    @property
    def names(self) -> list[str]:
        return [each.logical_name for each in self.azure.resources.list()]


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    clock = Clock(datetime(2026, 1, 5, 7, 30, tzinfo=UTC))
    with Azure(clock, state_dir=tmp_path / "azure", run_apps=False) as azure:
        yield Life(tmp_path / "program", azure)


def logs(place: str = "westeurope", days: int = 30, more: str = "") -> str:
    return GROUP + LOGS.format(place=place, days=days, more=more)


def test_only_what_differs_is_changed(life: Life) -> None:
    assert life.steps(logs()) == [("create", "group"), ("create", "logs")]
    assert life.steps(logs()) == []
    found = life.up(logs(days=60))
    assert [(each.op, each.name, each.properties) for each in found.changes] == [
        ("update", "logs", ("retentionInDays",))
    ]
    assert life.stack.refresh({}).changes == []
    assert life.steps(GROUP) == [("delete", "logs")]
    assert life.names == ["group"]


def test_a_new_place_is_a_new_resource_under_another_name(life: Life) -> None:
    life.up(logs())
    first = life.azure.resources.list()[-1].name
    assert life.steps(logs("northeurope")) == [("replace", "logs")]
    assert life.names == ["group", "logs"]
    assert life.azure.resources.list()[-1].name != first


def test_what_has_a_name_of_its_own_goes_before_its_successor_comes(life: Life) -> None:
    own = ', workspace_name="our-logs"'
    life.up(logs(more=own))
    assert life.steps(logs("northeurope", more=own)) == [("replace", "logs")]
    (kept,) = [each for each in life.azure.resources.list() if each.logical_name == "logs"]
    assert kept.inputs["location"] == "northeurope"


def test_what_is_protected_is_neither_replaced_nor_deleted(life: Life) -> None:
    guard = ", opts=pulumi.ResourceOptions(protect=True)"
    life.up(logs(more=guard))
    replaced = life.up(logs("northeurope", more=guard))
    assert "Workspace logs: is protected and would be replaced" in replaced.failure
    assert "is protected and would be deleted" in life.up(GROUP).failure
    life.up(logs(more=guard) + '    drawn = random.RandomId("drawn", byte_length=2)\n')
    assert "logs is protected" in life.stack.destroy({}).failure
    assert life.names == ["group", "logs"], "the rest goes, as with the real engine"
    assert life.steps(logs()) == []
    assert life.stack.destroy({}).failure == ""
    assert life.names == []


def test_options_of_a_resource_count(life: Life) -> None:
    ignoring = ', opts=pulumi.ResourceOptions(ignore_changes=["retentionInDays"])'
    life.up(logs(more=ignoring))
    assert life.steps(logs(days=60, more=ignoring)) == []
    forcing = ', opts=pulumi.ResourceOptions(replace_on_changes=["retentionInDays"])'
    assert life.steps(logs(days=60, more=forcing)) == [("replace", "logs")]
    former = ', opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="logs")])'
    renamed = logs(days=60, more=former).replace('"logs", resource', '"journal", resource')
    assert life.steps(renamed) == []
    assert life.stack.held() == {
        "urn:pulumi:local::demo::azure-native:resources:ResourceGroup::group",
        "urn:pulumi:local::demo::azure-native:operationalinsights:Workspace::journal",
    }
    keeping = ", opts=pulumi.ResourceOptions(retain_on_delete=True)"
    life.up(renamed.replace(former, keeping))
    assert life.steps(GROUP) == [("delete", "journal")]
    assert len(life.azure.resources.list()) == 2, "it stays in Azure"


def test_an_update_that_is_cut_off_is_continued_and_leaves_nothing(life: Life) -> None:
    for after in (1, 2):
        cut = life.up(logs(), cut_after=after)
        assert cut.failure == "cut off"
        assert len(life.azure.resources.list()) == after, "nobody wrote the last one down"
        assert len(life.stack.held()) == after - 1
        assert life.up().failure == ""
        assert life.names == ["group", "logs"]
        assert life.stack.destroy({}).failure == ""
        assert life.names == []


def test_a_refusal_is_told_and_the_next_update_goes_on(life: Life) -> None:
    life.up(logs())
    refused = life.up(logs(days=5))
    assert "retentionInDays 5 is not accepted" in refused.failure
    again = life.up(logs(days=5))
    assert again.failure == refused.failure, "told again"
    assert life.steps(logs(days=31)) == [("update", "logs")]


def test_what_changes_behind_the_stacks_back_is_seen_and_put_right(life: Life) -> None:
    life.up(logs())
    kept = life.azure.resources.list()[-1]
    life.azure.resources.change(kept, {**kept.inputs, "retentionInDays": 90})
    assert life.steps(logs()) == [], "nobody has looked"
    (seen,) = life.stack.refresh({}).changes
    assert (seen.op, seen.properties) == ("update", ("retentionInDays",))
    assert life.steps(logs()) == [("update", "logs")]
    life.azure.resources.remove(life.azure.resources.list()[-1])
    assert [each.op for each in life.stack.refresh({}).changes] == ["delete"]
    assert life.steps(logs()) == [("create", "logs")]
