"""The policy pack in `pulumi preview` and `pulumi up`, with the real CLI."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.content.places import ROOT
from lab.engine.pulumi_cli import is_installed
from tests.support.project import PASSWORD, Made, Project

pytestmark = pytest.mark.engine

PACK = ROOT / "policy"

SOUND = """
    group = resources.ResourceGroup("group", location="westeurope")
    logs = operationalinsights.Workspace("logs", resource_group_name=group.name)
    plan = web.AppServicePlan(
        "plan", resource_group_name=group.name, kind="linux", reserved=True,
        sku=web.SkuDescriptionArgs(name="B1", capacity=1),
    )
    app = web.WebApp(
        "app", resource_group_name=group.name, server_farm_id=plan.id, kind="app,linux",
        reserved=True, https_only=True,
        site_config=web.SiteConfigArgs(
            linux_fx_version="PYTHON|3.12", ftps_state="Disabled",
            min_tls_version="1.2", scm_min_tls_version="1.2",
            app_settings=[web.NameValuePairArgs(name="DB_PASSWORD", value=password)],
        ),
    )
"""
SETTING = """
    monitor.DiagnosticSetting(
        "setting", resource_uri=app.id, workspace_id=logs.id,
        logs=[
            monitor.DiagnosticsLogSettingsArgs(category=each, enabled=True)
            for each in ("AppServiceConsoleLogs", "AppServiceHTTPLogs")
        ],
    )
"""
SECRET = '    password = pulumi.Config().require_secret("password")\n'
PLAIN = f'    password = "{PASSWORD}"\n'


@pytest.fixture(scope="module")
def _pack() -> None:
    """The pack's own virtual environment."""
    if not is_installed():
        pytest.skip("the Pulumi CLI is not on PATH")
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    made = subprocess.run(["make", "policy"], cwd=ROOT, capture_output=True, text=True, timeout=300)
    if made.returncode != 0:
        pytest.skip(f"the policy pack's packages cannot be had: {made.stderr[-200:]}")


@pytest.fixture
def project(tmp_path: Path, _pack: None) -> Iterator[Project]:
    with Made(tmp_path, run_apps=False) as found:
        yield found


def test_a_sound_program_passes_in_preview_and_in_up(project: Project) -> None:
    project.write(SECRET + SOUND + SETTING)
    said = project.run("preview", "--policy-pack", str(PACK))
    assert "✅ login-monitor@v0.1.0" in said
    assert "mandatory" not in said
    project.up("--policy-pack", str(PACK))
    assert len(project.held) == 5


def test_a_program_that_breaks_rules_is_refused_by_name(project: Project) -> None:
    open_doors = SOUND.replace('"Disabled"', '"AllAllowed"').replace("https_only=True", "tags={}")
    project.write(PLAIN + open_doors)
    said = project.run("preview", "--policy-pack", str(PACK), fails=True)
    for rule in (
        "web-app-https-only",
        "web-app-ftp-off",
        "web-app-no-plain-secret",
        "web-app-logs-are-kept",
    ):
        assert rule in said
    assert "DB_PASSWORD in the open" in said
    assert PASSWORD not in said
    assert "web-app-tls-floor" not in said


def test_a_refused_program_makes_no_web_app(project: Project) -> None:
    project.write(SECRET + SOUND.replace('"1.2"', '"1.0"') + SETTING)
    project.up("--policy-pack", str(PACK), fails=True)
    assert not [each for each in project.held if each.token.endswith(":WebApp")]
