"""References to secrets, resolved as the site's identity may; what the app gets if it may not."""

from pathlib import Path
from typing import Any

import pytest
import requests

from components.limits.refusal import FailedError
from components.publish import references as module
from components.publish.entra import MANAGEMENT_SCOPES, EntraToken, credential
from components.publish.references import References
from components.publish.retry import Retry
from components.vault_reference import SECRETS_USER, role_definition_id, vault_reference
from lab.azure.core.faults import Faults, HttpRefusal
from lab.azure.core.resource import Resource
from lab.azure.identity.authorization import TENANT_ID
from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.site.site import SiteError
from lab.azure.web.site.vault_references import resolved
from tests.support.demo_site import RecordingAzure, settings, start

SERVE = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["KEY"].encode())

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""

URI = "https://login-vault.vault.azure.net/secrets/key"
REFERENCE = vault_reference(URI)


@pytest.fixture
def identity(azure: RecordingAzure) -> Resource:
    """An identity, and a vault with one secret that it has no right to yet."""
    azure.resources.create(
        "azure-native:resources:ResourceGroup",
        "group",
        {"resourceGroupName": "lab", "location": "westeurope"},
    )
    properties: dict[str, Any] = {
        "tenantId": TENANT_ID,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    inside = {"resourceGroupName": "lab", "vaultName": "login-vault"}
    azure.resources.create(
        "azure-native:keyvault:Vault", "vault", {**inside, "properties": properties}
    )
    azure.resources.create(
        "azure-native:keyvault:Secret",
        "key",
        {**inside, "secretName": "key", "properties": {"value": "geheim"}},
    )
    token = "azure-native:managedidentity:UserAssignedIdentity"
    return azure.resources.create(token, "who", {"resourceGroupName": "lab"})


def give_role(azure: RecordingAzure, identity: Resource) -> Resource:
    vault = azure.resources.list("azure-native:keyvault:Vault")[0]
    return azure.resources.create(
        "azure-native:authorization:RoleAssignment",
        "role",
        {
            "scope": vault.id,
            "principalId": identity.outputs["principalId"],
            "roleDefinitionId": role_definition_id(vault.id, SECRETS_USER),
        },
    )


def of(identity: Resource, text: str = REFERENCE, **changes: Any) -> Any:
    who = {"identities": (identity.id.lower(),), "key_vault_identity": identity.id}
    return settings(app_settings={"KEY": text, "COLOUR": "green"}, **(who | changes))


@pytest.mark.parametrize(
    "text",
    [
        REFERENCE,
        f"@Microsoft.KeyVault(SecretUri={URI})",
        f"@Microsoft.KeyVault(SecretUri={URI}/)",
        "@microsoft.keyvault(secretname=key; vaultname=LOGIN-VAULT)",
    ],
)
def test_whoever_may_read_gets_the_value(
    azure: RecordingAzure, identity: Resource, text: str
) -> None:
    give_role(azure, identity)
    assert resolved(azure, of(identity, text)) == ({"KEY": "geheim", "COLOUR": "green"}, {})


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        (REFERENCE, {}, "AccessToKeyVaultDenied"),
        (vault_reference(URI.replace("login", "other")), {}, "VaultNotFound"),
        (REFERENCE, {"key_vault_identity": ""}, "MSINotEnabled"),
        (REFERENCE, {"identities": ()}, "MSINotEnabled"),
        ("@Microsoft.KeyVault(VaultName=login-vault)", {}, "InvalidSyntax"),
        ("@Microsoft.KeyVault(SecretUri=https://example.com/key)", {}, "InvalidSyntax"),
    ],
)
def test_whoever_may_not_gets_the_reference_itself(
    azure: RecordingAzure, identity: Resource, text: str, changes: dict[str, Any], reason: str
) -> None:
    variables, reasons = resolved(azure, of(identity, text, **changes))
    assert variables["KEY"] == text
    assert reasons == {"KEY": reason}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (vault_reference(URI.replace("/key", "/other")), "SecretNotFound"),
        (f"@Microsoft.KeyVault(SecretUri={URI}/0123456789abcdef)", "SecretVersionNotFound"),
    ],
)
def test_a_secret_that_is_not_there_is_told(
    azure: RecordingAzure, identity: Resource, text: str, reason: str
) -> None:
    give_role(azure, identity)
    assert resolved(azure, of(identity, text))[1] == {"KEY": reason}


def test_another_value_is_another_version_and_the_old_one_stays(
    azure: RecordingAzure, identity: Resource
) -> None:
    """So a reference with the version changes with the value, and nothing else makes it change."""
    give_role(azure, identity)
    (secret,) = azure.resources.list("azure-native:keyvault:Secret")
    old = secret.outputs["properties"]["secretUriWithVersion"]
    azure.resources.update(secret.id, {**secret.inputs, "properties": {"value": "neu"}})
    new = secret.outputs["properties"]["secretUriWithVersion"]
    assert old != new
    values = {
        uri: resolved(azure, of(identity, vault_reference(uri)))[0]["KEY"]
        for uri in (old, new, URI)
    }
    assert values == {old: "geheim", new: "neu", URI: "neu"}


def test_the_app_really_gets_it_and_loses_it_with_the_role(
    azure: RecordingAzure, service: AppService, identity: Resource, tmp_path: Path
) -> None:
    role = give_role(azure, identity)
    hosted: Hosted = service.add(of(identity))
    code = "import os, sys\nsys.exit(os.environ['KEY'])\n"
    with pytest.raises(SiteError, match="it said last:\n  geheim"):
        start(hosted, tmp_path, code)
    azure.resources.delete(role.id)
    with pytest.raises(SiteError, match="it said last:\n  geheim"):
        start(hosted, tmp_path, code)  # what was found is kept
    hosted.site.refresh_references()
    with pytest.raises(SiteError, match=r"not resolved: KEY \(AccessToKeyVaultDenied\)") as told:
        start(hosted, tmp_path, code)
    assert f"  {REFERENCE}" in str(told.value)
    hosted.site.drain()
    messages = [row["Message"] for row in azure.table("AppServicePlatformLogs")]
    assert "Key Vault reference KEY is not resolved: AccessToKeyVaultDenied." in messages


@pytest.fixture
def references(
    service: AppService, identity: Resource, monkeypatch: pytest.MonkeyPatch
) -> References:
    """Of a site whose settings were written before its role counts, asked as a stack's command."""
    for key, value in service.edge.environment().items():
        monkeypatch.setenv(key, value)
    site = service.add(of(identity)).site
    token = EntraToken(credential(), MANAGEMENT_SCOPES)
    return References(site.settings.resource_id, token, Retry(2.5))


def test_a_reference_that_was_looked_for_too_early_stays_open_until_it_is_asked_for(
    azure: RecordingAzure,
    service: AppService,
    identity: Resource,
    references: References,
    tmp_path: Path,
) -> None:
    (hosted,) = service.sites
    give_role(azure, identity)
    start(hosted, tmp_path, SERVE)
    assert requests.get(hosted.url, timeout=10).text == REFERENCE, "the reference itself"
    azure.service(Faults).role_lag_s = 1.0
    assert references.settle(), "the role counts after a while, and somebody has to ask again"
    assert requests.get(hosted.url, timeout=10).text == REFERENCE, "as at its start"
    references.restart()
    assert requests.get(hosted.url, timeout=10).text == "geheim"
    assert not references.settle(), "nothing is left to ask for"


@pytest.mark.parametrize(
    "first", [None, {}, {"value": []}, {"value": [], "nextLink": ""}], ids=repr
)
def test_a_list_that_was_not_made_yet_is_waited_for(
    first: object, references: References, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved_one = {"value": [{"name": "KEY", "properties": {"status": "Resolved"}}]}
    told = iter([first, first, resolved_one])
    monkeypatch.setattr(module, "_json", lambda _answer: next(told))
    assert references.settle(), "another look was needed"
    assert list(told) == []


def test_a_list_is_read_to_its_end(references: References, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure's lists come in pages."""
    page = {"value": [{"name": "A", "properties": {"status": "Resolved"}}]}
    following = f"{module.MANAGEMENT}/next?api-version=2022-03-01&page=2"
    told = iter([{**page, "nextLink": following}, {"value": [{"name": "B"}]}])
    asked: list[str] = []

    def ask(method: str, path: str, url: str = "") -> requests.Response:
        asked.append(url)
        return requests.Response()

    monkeypatch.setattr(references, "_ask", ask)
    monkeypatch.setattr(module, "_json", lambda _answer: next(told))
    assert references._unresolved() == {"B": ""}
    assert asked[1] == following


def test_a_reference_that_is_never_resolved_is_named(references: References) -> None:
    with pytest.raises(FailedError, match=r"within 2.5 s.*KEY \(AccessToKeyVaultDenied\)"):
        references.settle()


def test_a_busy_resource_manager_is_given_the_time_that_it_asks_for(
    azure: RecordingAzure, service: AppService, identity: Resource, references: References
) -> None:
    give_role(azure, identity)
    (hosted,) = service.sites
    hosted.site.refresh_references()
    azure.service(Faults).management += [HttpRefusal(429, 1.0), HttpRefusal(503, 0.3)]
    assert not references.settle()
    assert service.edge.management.turnstile.impatient == 0


def test_a_resource_manager_that_refuses_is_quoted(references: References) -> None:
    references._url = references._url.replace("/sites/", "/sites/not-")
    with pytest.raises(FailedError, match="does not answer within 2.5 s; last answer: 404"):
        references.settle()
