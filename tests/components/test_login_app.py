"""LoginApp: what Azure gets for it, seen from outside."""

import json
import sys
from pathlib import Path
from typing import Any, cast

import pulumi
import pytest

from components import LoginApp, login_app
from components.content.places import ROOT
from components.login_app import LoginAppArgs
from components.publish import bundle
from components.publish.publish_command import publish_command
from tests.conftest import Engine

PLAN = "azure-native:web:AppServicePlan"
SITE = "azure-native:web:WebApp"
DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"
COMMAND = "command:local:Command"
USERS = {"alice": "correct-horse-battery"}
OPTIONAL = {
    "CAPTCHA",
    "INITIAL_PASSWORDS",
    "SESSION_HOURS",
    "SESSION_IDLE_MINUTES",
    "SECOND_FACTOR_FOR",
    "PASSWORD_HASH",
    "TRUSTED_PROXIES",
}


def app(**changes: Any) -> LoginApp:
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "workspace_id": "workspace",
        "initial_users": USERS,
    } | changes
    return LoginApp("login", cast(LoginAppArgs, args))


def app_settings(engine: Engine) -> dict[str, str]:
    listed = engine.one(SITE)["siteConfig"]["appSettings"]
    return {each["name"]: each["value"] for each in listed}


def test_the_plan_is_a_linux_plan(engine: Engine) -> None:
    plan = engine.deploy(app).one(PLAN)
    assert plan["reserved"] is True, "without it Azure makes a Windows plan"
    assert plan["kind"] == "linux"
    assert plan["sku"] == {"name": "B1", "capacity": 1}


def test_the_site_lets_nobody_in_by_an_old_door(engine: Engine) -> None:
    site = engine.deploy(app).one(SITE)
    config = site["siteConfig"]
    assert site["httpsOnly"] is True
    assert (config["minTlsVersion"], config["scmMinTlsVersion"]) == ("1.2", "1.2")
    assert config["ftpsState"] == "Disabled"
    assert config["http20Enabled"] is True
    assert site["identity"] == {"type": "SystemAssigned"}
    for door in ("WebAppScmAllowed", "WebAppFtpAllowed"):
        assert engine.one(f"azure-native:web:{door}")["allow"] is False


def test_there_is_no_shell_inside_the_app(engine: Engine) -> None:
    assert engine.deploy(app).one(SITE)["sshEnabled"] is False


def test_the_deployment_site_can_be_closed_to_all_but_some(engine: Engine) -> None:
    config = engine.deploy(lambda: app(publish_from=["198.51.100.0/24"])).one(SITE)["siteConfig"]
    assert config["scmIpSecurityRestrictionsDefaultAction"] == "Deny"
    assert config["scmIpSecurityRestrictionsUseMain"] is False
    assert config["scmIpSecurityRestrictions"] == [
        {
            "name": "publish-0",
            "ipAddress": "198.51.100.0/24",
            "action": "Allow",
            "priority": 100,
        }
    ]


def test_the_site_runs_our_app_and_is_asked_whether_it_does(engine: Engine) -> None:
    site = engine.deploy(lambda: app(python_version="3.13")).one(SITE)
    assert site["kind"] == "app,linux"
    assert site["reserved"] is True
    assert site["siteConfig"]["linuxFxVersion"] == "PYTHON|3.13"
    assert site["siteConfig"]["appCommandLine"] == "python serve.py --bind 0.0.0.0:8000"
    assert site["siteConfig"]["healthCheckPath"] == "/health"


@pytest.mark.parametrize(
    ("sku", "always_on"), [("F1", False), ("D1", False), ("B1", True), ("P1v3", True)]
)
def test_always_on_is_asked_for_only_where_the_plan_has_it(
    engine: Engine, sku: str, always_on: bool
) -> None:
    config = engine.deploy(lambda: app(app_service_sku=sku)).one(SITE)["siteConfig"]
    assert config["alwaysOn"] is always_on
    assert config["use32BitWorkerProcess"] is not always_on


def test_all_settings_of_the_app_stand_in_the_site_itself(engine: Engine) -> None:
    settings = app_settings(engine.deploy(lambda: app(rate_limit="5 per hour")))
    assert settings["SCM_DO_BUILD_DURING_DEPLOYMENT"] == "true", "else nothing is installed"
    assert settings["RATE_LIMIT"] == "5 per hour"
    assert len(settings["SECRET_KEY"]) >= 32
    assert json.loads(settings["INITIAL_USERS"]) == USERS
    assert not engine.all("azure-native:web:WebAppApplicationSettings"), "it replaces the whole set"


def test_what_the_app_is_set_to_reaches_it_as_text(engine: Engine) -> None:
    given = {
        "captcha": "always",
        "initial_passwords": "keep",
        "session_hours": 8,
        "session_idle_minutes": 15,
        "second_factor_for": ["alice", "o'neill"],
        "password_hash": "m=19456,t=2",
        "trusted_proxies": ["10.1.0.0/24", "10.2.0.0/24"],
    }
    settings = app_settings(engine.deploy(lambda: app(**given)))
    assert {key: settings[key] for key in OPTIONAL} == {
        "CAPTCHA": "always",
        "INITIAL_PASSWORDS": "keep",
        "SESSION_HOURS": "8",
        "SESSION_IDLE_MINUTES": "15",
        "SECOND_FACTOR_FOR": "alice,o'neill",
        "PASSWORD_HASH": "m=19456,t=2",
        "TRUSTED_PROXIES": "10.1.0.0/24,10.2.0.0/24",
    }


def test_what_is_not_set_is_left_to_the_app(engine: Engine) -> None:
    settings = app_settings(engine.deploy(lambda: app(second_factor_for=[], trusted_proxies=[])))
    assert settings
    assert not OPTIONAL & settings.keys()


@pytest.mark.parametrize("secret", ["INITIAL_USERS"])
def test_secrets_of_the_app_are_secrets_of_the_stack(engine: Engine, secret: str) -> None:
    site = engine.deploy(app).one(SITE)
    index = [each["name"] for each in site["siteConfig"]["appSettings"]].index(secret)
    assert f"siteConfig.appSettings[{index}].value" in site.secrets


def test_the_secret_key_is_random_and_made_by_the_stack(engine: Engine) -> None:
    password = engine.deploy(app).one("random:index/randomPassword:RandomPassword")
    assert password["length"] == 64
    assert app_settings(engine)["SECRET_KEY"] == "k" * 64


def test_the_name_is_unique_in_the_world_and_told_as_an_output(engine: Engine) -> None:
    told: list[str] = []

    def program() -> pulumi.Output[None]:
        made = app()
        return pulumi.Output.all(made.app_name, made.url, made.principal_id).apply(told.extend)

    pulumi_outputs = engine.deploy(program)
    assert pulumi_outputs.one(SITE)["name"] == "login-3fa2c1"
    assert told == ["login-3fa2c1", "https://login-3fa2c1.azurewebsites.net", "principal"]


def test_every_log_that_python_on_linux_has_goes_to_the_workspace(engine: Engine) -> None:
    setting = engine.deploy(app).one(DIAGNOSTICS)
    assert setting["workspaceId"] == "workspace"
    assert [each["category"] for each in setting["logs"]] == [
        "AppServiceConsoleLogs",
        "AppServiceHTTPLogs",
        "AppServicePlatformLogs",
        "AppServiceAuditLogs",
        "AppServiceIPSecAuditLogs",
        "AppServiceAuthenticationLogs",
    ]
    assert all(each["enabled"] is True for each in setting["logs"])
    assert not any("categoryGroup" in each for each in setting["logs"]), "never mixed"
    assert "metrics" not in setting.inputs, "most of the volume, and no query reads them"
    assert "logAnalyticsDestinationType" not in setting.inputs, "comes back as a difference"
    assert not any("retentionPolicy" in each for each in setting["logs"])


def test_metrics_go_to_the_workspace_for_whoever_asks_for_them(engine: Engine) -> None:
    setting = engine.deploy(lambda: app(log_metrics=True)).one(DIAGNOSTICS)
    assert setting["metrics"] == [{"category": "AllMetrics", "enabled": True}]


def test_the_code_is_brought_by_a_command_that_says_the_same_on_every_machine(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "executable", str(ROOT / ".venv" / "bin" / "python"))
    command = engine.deploy(app).one(COMMAND)
    built_for = "PYTHON|3.12\nSCM_DO_BUILD_DURING_DEPLOYMENT=true"
    version = bundle.version(ROOT / "app_src", built_for)
    assert command["create"] == ".venv/bin/python components/publish/publish.py"
    assert command["environment"] == {
        "PUBLISH_SOURCE": "app_src",
        "PUBLISH_SCM_URL": "https://login-3fa2c1.scm.azurewebsites.net",
        "PUBLISH_HEALTH_URL": "https://login-3fa2c1.azurewebsites.net/health",
        "PUBLISH_VERSION": version,
        "PUBLISH_BUILT_FOR": built_for,
        "PUBLISH_HEALTH_TEXT": "login-monitor",
        "PUBLISH_TELLS_VERSION": "true",
    }
    assert command["triggers"] == [version, "principal"], "a new site has a new identity"


def test_another_python_is_another_version_of_the_app(engine: Engine) -> None:
    old = engine.deploy(app).one(COMMAND)["triggers"][0]
    new = Engine("dev").deploy(lambda: app(python_version="3.13")).one(COMMAND)["triggers"][0]
    assert new != old, "else what was built for the old one is left to fail under the new one"


def test_an_error_page_is_no_warm_app(engine: Engine) -> None:
    settings = app_settings(engine.deploy(app))
    assert settings["WEBSITE_WARMUP_PATH"] == "/health"
    assert settings["WEBSITE_WARMUP_STATUSES"] == "200"


def test_the_command_works_from_a_folder_that_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(ROOT / "components" / "publish" / "publish.py") in publish_command()


def test_a_folder_with_a_space_survives_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/my python/bin/python")
    assert publish_command().startswith("'/opt/my python/bin/python' ")


def test_the_code_comes_after_everything_it_needs(engine: Engine) -> None:
    dependencies = engine.deploy(app).one(COMMAND).dependencies
    assert {"login-site", "login-scm", "login-ftp", "login-diagnostics"} <= set(dependencies)


def test_tags_reach_what_takes_tags(engine: Engine) -> None:
    engine.deploy(lambda: app(tags={"team": "soc"}))
    assert engine.one(PLAN)["tags"] == engine.one(SITE)["tags"] == {"team": "soc"}


def test_without_users_of_ones_own_the_first_has_a_random_password(engine: Engine) -> None:
    engine.deploy(lambda: app(initial_users=None))
    users = json.loads(app_settings(engine)["INITIAL_USERS"])
    assert list(users) == [login_app.FIRST_USER]
    made = engine.all("random:index/randomPassword:RandomPassword")
    assert {each["length"] for each in made} == {24, 64}, "the first user's, and the secret key"


def test_with_users_of_ones_own_no_other_account_is_made(engine: Engine) -> None:
    engine.deploy(app)
    assert list(json.loads(app_settings(engine)["INITIAL_USERS"])) == list(USERS)


VAULT = "azure-native:keyvault:Secret"
REST = {
    "database_url": "postgresql+psycopg://loginadmin:geheim@db:5432/logins?sslmode=require",
    "limits_url": "rediss://:geheim@redis:10000/0",
}


def test_a_database_and_shared_limits_are_settings_of_the_app(engine: Engine) -> None:
    settings = app_settings(engine.deploy(lambda: app(**REST)))
    assert settings["DATABASE_URL"] == REST["database_url"]
    assert settings["RATE_LIMIT_STORAGE_URL"] == REST["limits_url"]
    assert "DATABASE_IDENTITY" not in settings
    secrets = engine.one(SITE).secrets
    names = [each["name"] for each in engine.one(SITE)["siteConfig"]["appSettings"]]
    for key in ("DATABASE_URL", "RATE_LIMIT_STORAGE_URL", "SECRET_KEY", "INITIAL_USERS"):
        assert f"siteConfig.appSettings[{names.index(key)}].value" in secrets


def test_without_them_the_app_keeps_its_defaults(engine: Engine) -> None:
    settings = app_settings(engine.deploy(app))
    assert {"DATABASE_URL", "RATE_LIMIT_STORAGE_URL"}.isdisjoint(settings)


def test_with_a_vault_no_secret_stands_in_the_settings(engine: Engine) -> None:
    given = {"vault_name": "login-vault", "identity_id": "identity", **REST}
    settings = app_settings(engine.deploy(lambda: app(**given)))
    references = {key: text for key, text in settings.items() if "@Microsoft.KeyVault" in text}
    assert references.keys() == {
        *("DATABASE_URL", "INITIAL_USERS", "RATE_LIMIT_STORAGE_URL", "SECRET_KEY")
    }
    stored = {each.name: each for each in engine.all(VAULT)}
    assert len(stored) == len(references)
    for text in references.values():
        name = text.removeprefix("@Microsoft.KeyVault(SecretUri=https://vault/secrets/")
        assert name.removesuffix("/1)") in stored
    assert all(each.secrets == ("properties.value",) for each in stored.values())
    assert "geheim" not in json.dumps(settings)


def test_the_vault_is_read_as_the_identity_that_was_given_the_role_before(engine: Engine) -> None:
    site = engine.deploy(lambda: app(vault_name="login-vault", identity_id="identity")).one(SITE)
    assert site["keyVaultReferenceIdentity"] == "identity"
    assert site["identity"] == {
        "type": "SystemAssigned, UserAssigned",
        "userAssignedIdentities": ["identity"],
    }


def test_an_identity_for_the_database_alone_reads_no_vault(engine: Engine) -> None:
    engine.deploy(lambda: app(identity_id="identity", database_identity="client", **REST))
    assert "keyVaultReferenceIdentity" not in engine.one(SITE).inputs
    assert app_settings(engine)["DATABASE_IDENTITY"] == "client"


def test_the_app_joins_the_network_where_its_database_is(engine: Engine) -> None:
    site = engine.deploy(lambda: app(app_subnet_id="subnet")).one(SITE)
    assert site["virtualNetworkSubnetId"] == "subnet"


def test_several_instances_in_several_zones_share_everything(engine: Engine) -> None:
    given = {"app_service_sku": "P0v3", "instances": 2, "zone_redundant": True, **REST}
    plan = engine.deploy(lambda: app(**given)).one(PLAN)
    assert plan["zoneRedundant"] is True
    assert plan["sku"] == {"name": "P0v3", "capacity": 2}


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"instances": 2}, "2 cannot work with rate limits in memory"),
        ({"app_service_sku": "F1", "app_subnet_id": "subnet"}, "F1 cannot join a private network"),
        ({"zone_redundant": True}, "True is not offered by B1"),
        ({"vault_name": "vault"}, "is missing; expected with vault_name"),
        ({"database_identity": "client"}, "is missing; expected with database_identity"),
    ],
)
def test_what_cannot_work_is_refused_before(
    engine: Engine, changes: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(pulumi.InputPropertyError, match=refusal):
        engine.deploy(lambda: app(**changes))
    assert not engine.all(PLAN)
