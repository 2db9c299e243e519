"""The life of a small stack, whose program does something wrong in each of its settings."""

from pathlib import Path
from textwrap import dedent

import pytest

from components.limits.refusal import RefusedError
from lab.engine.stack_config import Project
from lab.lifecycle.lifecycle import Lifecycle, Options
from lab.lifecycle.older_program import older_program
from lab.lifecycle.result import Lifetime, StepResult
from lab.lifecycle.trial import OTHERS, as_text, trial
from settings.rows import ROWS
from tests.support.project import HEAD, PROJECT

PROGRAM = """
    config = pulumi.Config()
    number = int(config.require("days"))
    moved = config.require("moves") == "true"
    group = resources.ResourceGroup("group", location="westeurope")
    logs = operationalinsights.Workspace("logs", resource_group_name=group.name,
        location="northeurope" if moved else "westeurope", retention_in_days=number)
    plan = web.AppServicePlan("plan", resource_group_name=group.name, kind="linux", reserved=True,
        sku={"name": "B1"})
    web.WebApp("app", resource_group_name=group.name, server_farm_id=plan.id)
    if config.require("dailyCapGb") != "0":
        raise pulumi.RunError("dailyCapGb is not to our taste")
"""
DECLARED = """\
  days: {type: integer, default: 30}
  moves: {type: boolean, default: false}
  idle: {type: integer, default: 1}
  dailyCapGb: {type: integer, default: 0}
  words: {type: array, default: []}
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    declared = PROJECT.partition("  password:")[0] + DECLARED
    declared += "  initialUsers: {type: object, default: {}}\n  webhookUrl: {type: string}\n"
    (folder / "Pulumi.yaml").write_text(declared)
    (folder / "__main__.py").write_text(HEAD + dedent(PROGRAM))
    return folder


def lived(program: Path, state: Path, *only: str) -> Lifetime:
    options = Options(stack="local", only=only, program=program, state=state, run_apps=False)
    with Lifecycle(options) as life:
        return life.run()


def step(life: Lifetime, name: str) -> StepResult:
    (found,) = [each for each in life.steps if each.name == name]
    return found


def test_each_fault_of_a_setting_is_told(program: Path, tmp_path: Path) -> None:
    life = lived(program, tmp_path / "azure")
    assert step(life, "up again").verdict == step(life, "refresh").verdict == "survived"
    assert step(life, "days: changed").verdict == step(life, "days: back").verdict == "survived"
    assert step(life, "idle: changed").problems == ("has no effect: no resource changes",)
    moved = step(life, "moves: changed")
    assert moved.verdict == "failed"
    assert moved.unexpected == ("logs (location)",)
    assert "logs begin anew" in moved.problems
    assert "dailyCapGb is not to our taste" in step(life, "dailyCapGb: changed").problems[0]
    assert life.untried == ("words",)
    assert not life.passed


def test_it_is_cut_off_destroyed_and_made_again(program: Path, tmp_path: Path) -> None:
    life = lived(program, tmp_path / "azure", "cut-off", "second-life", "again")
    assert life.passed, [each.problems for each in life.steps]
    names = [each.name for each in life.steps]
    assert names.count("destroy") == 5
    assert [each for each in names if "third" in each] == [
        f"up, cut off in its {third} third, and continued" for third in ("first", "second", "last")
    ]
    assert life.figures["settings_tried"] == 0
    assert life.as_json()["steps"][0]["changed"] == 4


def test_every_setting_of_a_stack_is_tried_with_a_value_that_it_takes() -> None:
    assert OTHERS.keys() <= ROWS.keys()
    declared = Project.read(Path()).declared
    for key, row in ROWS.items():
        if key in ("initialUsers", "protectLogStore"):  # the life has its own
            continue
        found = trial(key, declared[key], declared[key].get("default"))
        assert found is not None, f"{key} has no other value in lab/lifecycle/trial.py"
        assert found.value != row.default
        row.rule.read(as_text(found.value))
        for needed, value in found.needs.items():
            ROWS[needed].rule.read(as_text(value))


def test_an_older_program_is_laid_out_or_refused() -> None:
    with older_program("HEAD") as folder:
        assert (folder / "Pulumi.yaml").is_file()
        assert (folder / "components").is_dir()
    expected = "expected a commit or a tag of this repository"
    with pytest.raises(RefusedError, match=expected), older_program("no-such-tag"):
        pass
