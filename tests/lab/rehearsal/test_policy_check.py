"""The policy pack's rules over resources of the lab: secrets, protection and places are seen."""

import sys
from pathlib import Path

import pytest

from components.content.places import ROOT
from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine import real_cli
from lab.engine.in_process import deploy
from lab.engine.pulumi_cli import is_installed
from lab.rehearsal import policy_check
from lab.rehearsal.rehearsal import START
from lab.report.model import ViolationEntry
from policy import catalogue
from policy.rule import StackRule

PASSWORD = "-".join(["nobody", "knows", "it"])
PROJECT = f"""\
name: demo
runtime:
  name: python
  options: {{toolchain: pip, virtualenv: {Path(sys.executable).parent.parent}}}
"""
SMALL = """
import pulumi
from pulumi_azure_native import monitor, operationalinsights, resources, web

group = resources.ResourceGroup("group", location="westeurope")
operationalinsights.Workspace(
    "logs", resource_group_name=group.name, retention_in_days=90,
    opts=pulumi.ResourceOptions(protect={protect}),
)
plan = web.AppServicePlan(
    "plan", resource_group_name=group.name, kind="linux", reserved=True,
    sku=web.SkuDescriptionArgs(name="B1", capacity=1),
)
web.WebApp(
    "app", resource_group_name=group.name, server_farm_id=plan.id, kind="app,linux",
    reserved=True, https_only=True,
    site_config=web.SiteConfigArgs(
        linux_fx_version="PYTHON|3.12", ftps_state="Disabled",
        min_tls_version="1.2", scm_min_tls_version="1.2",
        app_settings=[web.NameValuePairArgs(name="DB_PASSWORD", value={password})],
    ),
)
"""


def found(folder: Path, program: Path, stack: str) -> list[ViolationEntry]:
    with Azure(Clock(START), state_dir=folder, run_apps=False) as azure:
        return policy_check.violations(deploy(program, stack, azure).resources)


def small(folder: Path, **holes: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text(PROJECT, encoding="utf-8")
    (folder / "__main__.py").write_text(SMALL.format(**holes), encoding="utf-8")
    return folder


def test_rules_that_had_nothing_to_look_at_are_not_held(tmp_path: Path) -> None:
    program = small(tmp_path, protect="False", password=repr(PASSWORD))
    with Azure(Clock(START), state_dir=tmp_path / "azure", run_apps=False) as azure:
        resources = deploy(program, "prod", azure).resources
    broken = {each.rule for each in policy_check.violations(resources)}
    silent = {rule.name for rule in catalogue.RULES} - broken
    assert len(silent) == len(catalogue.RULES) - 3
    # There is no alert rule, action group, database and vault in it.
    absent = ("alert-rule-", "action-group-", "state-", "vault-", "database-")
    unused = {name for name in silent if name.startswith(absent)}
    stack_rules = {each.name for each in catalogue.RULES if isinstance(each, StackRule)}
    assert policy_check.held(resources) == len(silent - (unused - stack_rules))
    assert unused - stack_rules


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_the_program_breaks_no_rule(tmp_path: Path, stack: str) -> None:
    assert found(tmp_path, ROOT, stack) == []
    assert list(tmp_path.iterdir()), "the program was deployed"


def test_what_a_program_leaves_open_is_found_and_no_secret_is_shown(tmp_path: Path) -> None:
    program = small(tmp_path, protect="False", password=repr(PASSWORD))
    broken = found(tmp_path / "azure", program, "prod")
    assert {each.rule for each in broken} == {
        "log-store-protected",
        "web-app-logs-are-kept",
        "web-app-no-plain-secret",
    }
    assert PASSWORD not in str(broken)


def test_a_secret_and_a_protected_store_are_known_as_such(tmp_path: Path) -> None:
    secret = f"pulumi.Output.secret({PASSWORD!r})"
    program = small(tmp_path, protect="True", password=secret)
    broken = found(tmp_path / "azure", program, "prod")
    assert [each.rule for each in broken] == ["web-app-logs-are-kept"]


@pytest.mark.engine
def test_the_cli_tells_secrets_and_protection_too(tmp_path: Path) -> None:
    if not is_installed():
        pytest.skip("the Pulumi CLI is not on PATH")
    secret = f"pulumi.Output.secret({PASSWORD!r})"
    program = small(tmp_path / "program", protect="True", password=secret)
    with Azure(Clock(START), state_dir=tmp_path / "azure", run_apps=False) as azure:
        broken = policy_check.violations(real_cli.deploy(program, "prod", azure).resources)
    assert [each.rule for each in broken] == ["web-app-logs-are-kept"]
