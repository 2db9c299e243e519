"""docs/environments.md says which rights each environment needs; the program says the same."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from components.content.places import ROOT
from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine.in_process import deploy
from lab.preflight.needs import POST_ACTIONS, Needs
from tests.support.demo_site import START

PAGE = (ROOT / "docs" / "environments.md").read_text(encoding="utf-8")
READER = ("*/read",)
CONTRIBUTOR = ("*",)
NOT_CONTRIBUTOR = ("Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete")
"""Microsoft, "Azure built-in roles": Reader and Contributor."""

OPTIONS: dict[str, dict[str, str]] = {
    "every stack": {},
    "`keyVault`": {"keyVault": "true"},
    "`database` with `databaseAuthentication: entra`": {
        "database": "postgres",
        "databaseAuthentication": "entra",
    },
    "`sharedLimits`": {"sharedLimits": "true"},
    "`playbook: simulate`": {"playbook": "simulate", "playbookUrl": "https://hooks.example.net/x"},
    "`playbook: block`": {"playbook": "block", "playbookUrl": "https://hooks.example.net/x"},
    "`activityLog`": {"activityLog": "true"},
}


def needs(folder: Path, config: dict[str, str]) -> Needs:
    users = '{"somebody": "a passphrase for nobody"}'
    given = {"alertEmails": '["soc@example.net"]', "initialUsers": users, **config}
    with Azure(Clock(START), state_dir=folder, run_apps=False) as azure:
        return Needs.of(deploy(ROOT, "dev", azure, given).resources)


def allowed(action: str, *patterns: str) -> bool:
    return any(fnmatchcase(action.lower(), each.lower()) for each in patterns)


def rows() -> dict[str, tuple[str, ...]]:
    """Option -> cells of the table of rights: preview and drift, deploy, teardown."""
    block = PAGE.partition("<!-- rights -->")[2].partition("<!-- /rights -->")[0]
    found = {}
    for line in block.strip().splitlines()[2:]:
        option, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found[option] = tuple(cells)
    return found


def actions(cell: str) -> set[str]:
    return set(re.findall(r"Microsoft\.[\w./]+", cell))


@pytest.mark.parametrize("option", OPTIONS)
def test_the_table_names_what_the_roles_lack(option: str, tmp_path: Path) -> None:
    found = needs(tmp_path, OPTIONS[option])
    reading = {each for each in found.actions if each.endswith("/read")}
    asked = {POST_ACTIONS[kind] for kind in found.types if kind in POST_ACTIONS}
    assert all(allowed(each, *READER) for each in reading)
    beyond_contributor = {each for each in found.actions if allowed(each, *NOT_CONTRIBUTOR)}
    preview, deploying, teardown = rows()[option]
    assert actions(preview) == asked, "Reader covers no POST"
    # The group is made by the program: rights on it cannot be given before it exists.
    assert actions(deploying) == {each for each in beyond_contributor if each.endswith("write")}
    assert actions(teardown) == {each for each in beyond_contributor if each.endswith("delete")}


def test_the_table_has_every_option_that_changes_something() -> None:
    assert rows().keys() == OPTIONS.keys()


def test_rights_are_given_where_they_can_be_given_before_the_first_deployment() -> None:
    text = " ".join(PAGE.split())
    assert "on its resource group, limited" not in text
    assert "on the subscription, limited" in text
