"""WebApp: any app, with what it says about itself."""

import json
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from components import WebApp
from components.web_app import WebAppArgs
from tests.conftest import Engine

PLAN = "azure-native:web:AppServicePlan"
SITE = "azure-native:web:WebApp"
COMMAND = "command:local:Command"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The code of an app, as small as it gets."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "wsgi.py").write_text("application = None\n")
    (tmp_path / "requirements.txt").write_text("django\n")
    return tmp_path


def app(folder: Path, **changes: Any) -> WebApp:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "workspace_id": "workspace",
        "source_folder": str(folder),
        "start_command": "gunicorn shop.wsgi:application",
    } | changes
    return WebApp("shop", cast(WebAppArgs, args))


def settings(engine: Engine) -> dict[str, str]:
    listed = engine.one(SITE)["siteConfig"]["appSettings"]
    return {each["name"]: each["value"] for each in listed}


def test_the_app_is_started_and_asked_as_its_owner_says(engine: Engine, shop: Path) -> None:
    given = {"health_path": "/up", "health_text": "fine", "python_version": "3.13"}
    config = engine.deploy(lambda: app(shop, **given)).one(SITE)["siteConfig"]
    assert config["appCommandLine"] == "gunicorn shop.wsgi:application"
    assert config["healthCheckPath"] == "/up"
    assert config["linuxFxVersion"] == "PYTHON|3.13"
    assert settings(engine)["WEBSITE_WARMUP_PATH"] == "/up"
    told = engine.one(COMMAND)["environment"]
    assert told["PUBLISH_HEALTH_URL"].endswith(".azurewebsites.net/up")
    assert told["PUBLISH_HEALTH_TEXT"] == "fine"
    assert "PUBLISH_TELLS_VERSION" not in told, "most apps do not"


def test_settings_and_secrets_of_the_app_reach_it(engine: Engine, shop: Path) -> None:
    given = {"app_settings": {"DEBUG": "false"}, "secret_settings": {"SECRET_KEY": "geheim"}}
    site = engine.deploy(lambda: app(shop, **given)).one(SITE)
    found = settings(engine)
    assert (found["DEBUG"], found["SECRET_KEY"]) == ("false", "geheim")
    names = [each["name"] for each in site["siteConfig"]["appSettings"]]
    assert f"siteConfig.appSettings[{names.index('SECRET_KEY')}].value" in site.secrets
    assert f"siteConfig.appSettings[{names.index('DEBUG')}].value" not in site.secrets


def test_with_a_vault_the_secrets_lie_there(engine: Engine, shop: Path) -> None:
    given = {
        "secret_settings": {"SECRET_KEY": "geheim"},
        "vault_name": "vault",
        "identity_id": "identity",
    }
    engine.deploy(lambda: app(shop, **given))
    assert settings(engine)["SECRET_KEY"].startswith("@Microsoft.KeyVault(")
    assert "geheim" not in json.dumps(engine.one(SITE).inputs)


def test_what_the_build_reads_is_a_part_of_the_version(engine: Engine, shop: Path) -> None:
    plain = engine.deploy(lambda: app(shop)).one(COMMAND)["triggers"][0]
    other = Engine("dev")
    other.deploy(lambda: app(shop, build_settings={"PRE_BUILD_COMMAND": "make assets"}))
    assert settings(other)["PRE_BUILD_COMMAND"] == "make assets"
    assert settings(other)["SCM_DO_BUILD_DURING_DEPLOYMENT"] == "true", "still built"
    assert other.one(COMMAND)["triggers"][0] != plain


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"start_command": "gunicorn site.wsgi"}, "'site.wsgi' names a module that is not there"),
        ({"start_command": "gunicorn site.wsgi:app"}, "'site.wsgi' names a module that is not"),
        ({"start_command": "gunicorn site.wsgi:app"}, "did you mean 'shop.wsgi'"),
        ({"source_folder": "/nowhere"}, "'/nowhere' is not there; expected the folder"),
        ({"health_path": "up"}, "'up' is no path; expected one that begins with /"),
        ({"vault_name": "vault"}, "is missing; expected with vault_name"),
        ({"app_service_sku": "F1", "app_subnet_id": "subnet"}, "F1 cannot join a private network"),
        ({"instances": 4}, "4 is more than B1 takes"),
    ],
)
def test_what_cannot_work_is_refused_before(
    engine: Engine, shop: Path, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(pulumi.InputPropertyError, match=refusal):
        engine.deploy(lambda: app(shop, **changes))
    assert not engine.all(PLAN)
