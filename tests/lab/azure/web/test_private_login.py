"""The login app with everything that a large stack gives it: database, limits, vault, network."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import requests

from components.content.places import ROOT
from lab.azure import Azure
from lab.azure.core.backends import Backends
from lab.azure.dbforpostgresql import server, server_of
from lab.azure.identity import authorization
from lab.azure.redisenterprise import server as redis_server
from lab.azure.web.app_service import AppService
from lab.clock.clock import Clock
from lab.engine import in_process
from lab.engine.deploy_error import DeployError
from tests.support import servers
from tests.support.demo_site import START

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from pulumi_azure_native import managedidentity, operationalinsights, resources
from components import LoginApp, LoginDatabase, PrivateNetwork, SecretVault, SharedLimits
group = resources.ResourceGroup("group", location="westeurope")
here = {{"resource_group_name": group.name, "location": "westeurope"}}
logs = operationalinsights.Workspace("logs", retention_in_days=30, **here)
who = managedidentity.UserAssignedIdentity("who", **here)
identity = {{"identity_principal_id": who.principal_id, "tenant_id": who.tenant_id}}
net = PrivateNetwork("net", here)
places = {{"network_id": net.network_id}}
database = LoginDatabase("db", {{
    **here, **identity, **places, "workspace_id": logs.id, "identity_name": who.name,
    "database_subnet_id": net.database_subnet_id, "database_authentication": "both"}})
limits = SharedLimits("limits", {{
    **here, **places, "endpoint_subnet_id": net.endpoint_subnet_id}})
vault = SecretVault("secrets", {{**here, **identity}})
app = LoginApp("app", {{
    **here, "workspace_id": logs.id, "app_service_sku": "P0v3", "instances": 2,
    "zone_redundant": True, "app_subnet_id": net.app_subnet_id, "rate_limit": "3 per hour",
    "initial_users": {{"alice": "a long passphrase"}},
    "database_url": database.database_url, "limits_url": limits.limits_url,
    "identity_id": who.id, "database_identity": who.client_id, "vault_name": {vault},
    "source_folder": {root!r} + "/app_src"}})
"""


def deploy(azure: Azure, folder: Path, vault: str = "vault.vault_name") -> None:
    program = folder / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: large\nruntime: python\n")
    (program / "Pulumi.dev.yaml").write_text("config: {}\n")
    (program / "__main__.py").write_text(PROGRAM.format(root=str(ROOT), vault=vault))
    in_process.deploy(program, "dev", azure)


def sign_in(url: str, password: str) -> int:
    with requests.Session() as session:
        session.trust_env = False
        page = session.get(f"{url}/login", timeout=30)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token
        form = {"csrf_token": token[1], "username": "alice", "password": password}
        cookies = "; ".join(f"{each.name}={each.value}" for each in session.cookies)
        answer = session.post(
            f"{url}/login",
            data=form,
            headers={"Cookie": cookies},
            timeout=30,
            allow_redirects=False,
        )
        return answer.status_code


@pytest.mark.postgres
@pytest.mark.redis
@servers.needs_postgres
@servers.needs_redis
def test_it_signs_people_in_with_real_servers_behind_it(tmp_path: Path) -> None:
    with Azure(Clock(START), state_dir=tmp_path / "azure") as azure:
        deploy(azure, tmp_path)
        assert azure.resources.unmodelled == []
        assert azure.notices == []
        (hosted,) = azure.service(AppService).sites
        assert hosted.site.unresolved == {}
        assert [sign_in(hosted.url, each) for each in ("wrong", "a long passphrase")] == [401, 302]
        assert [sign_in(hosted.url, "wrong") for _ in range(2)] == [401, 429]
        assert not list((hosted.site.folder / "home").rglob("*.db"))
        assert _names_of_users(azure) == ["alice"]
        assert _counters(azure, hosted.site.settings.app_settings) > 0, "counted in Redis"
        azure.clock.run_until(START + timedelta(minutes=1))
        azure.clock.run_until(START + timedelta(minutes=10))
        (tables,) = azure.workspaces.values()
        kql = 'PGSQLServerLogs | where Message contains "authorized: user=who"'
        assert tables.query(kql, azure.clock.now).rows, "the identity's sign-in is logged"


def _names_of_users(azure: Azure) -> list[str]:
    (database,) = azure.resources.list("azure-native:dbforpostgresql:Server")
    running = server_of(azure, database.name)
    assert running is not None
    with psycopg.connect(
        host="127.0.0.1",
        port=running.port,
        user=database.inputs["administratorLogin"],
        password=database.inputs["administratorLoginPassword"],
        dbname="logins",
        sslmode="require",
    ) as connection:
        role = "GRANT " + '"' + _identity(azure) + '"' + " TO CURRENT_USER"
        connection.execute(role.encode())
        return [str(name) for (name,) in connection.execute("SELECT username FROM users")]


def _identity(azure: Azure) -> str:
    (who,) = azure.resources.list("azure-native:managedidentity:UserAssignedIdentity")
    return who.name


def _counters(azure: Azure, settings: Any) -> int:
    (secret,) = (
        each
        for each in azure.resources.list("azure-native:keyvault:Secret")
        if "rate-limit" in each.logical_name
    )
    led = azure.service(Backends).environment(
        {"URL": secret.inputs["properties"]["value"]}, Path("/home")
    )
    assert settings["RATE_LIMIT_STORAGE_URL"].startswith("@Microsoft.KeyVault(")
    client = redis.from_url(led["URL"], ssl_ca_certs=led["SSL_CERT_FILE"])
    try:
        return len(client.keys("LIMITS*"))  # type: ignore[arg-type]
    finally:
        client.close()


def test_without_the_servers_it_works_and_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "binaries", lambda: None)
    monkeypatch.setattr(redis_server, "binary", lambda: None)
    with Azure(Clock(START), state_dir=tmp_path / "azure") as azure:
        deploy(azure, tmp_path)
        (hosted,) = azure.service(AppService).sites
        assert sign_in(hosted.url, "a long passphrase") == 302
        assert (hosted.site.folder / "home" / "logins.db").exists()
        assert sorted(each.split(":")[0] for each in azure.notices) == [
            "no PostgreSQL on this machine",
            "no Redis on this machine",
        ]


def test_without_a_role_the_app_does_not_start_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "binaries", lambda: None)
    monkeypatch.setattr(redis_server, "binary", lambda: None)
    monkeypatch.setenv("PUBLISH_WAIT_SECONDS", "5")
    blind = {key: role._replace(data=()) for key, role in authorization.ROLES.items()}
    monkeypatch.setattr(authorization, "ROLES", blind)
    with Azure(Clock(START), state_dir=tmp_path / "azure") as azure:
        with pytest.raises(DeployError) as refused:
            deploy(azure, tmp_path)
        assert "SECRET_KEY (AccessToKeyVaultDenied)" in str(refused.value)
