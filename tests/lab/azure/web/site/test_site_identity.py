"""The door inside a container where an app's identities get their tokens."""

import pytest
import requests

from lab.azure.core.resource import Resource
from lab.azure.web.site.site_identity import SiteIdentity
from tests.support.demo_site import RecordingAzure, settings


@pytest.fixture
def identity(azure: RecordingAzure) -> Resource:
    azure.resources.create(
        "azure-native:resources:ResourceGroup",
        "group",
        {"resourceGroupName": "lab", "location": "westeurope"},
    )
    token = "azure-native:managedidentity:UserAssignedIdentity"
    return azure.resources.create(token, "who", {"resourceGroupName": "lab"})


def ask(door: dict[str, str], header: str | None = None, **query: str) -> requests.Response:
    usual = {"api_version": "2019-08-01", "resource": "https://vault.azure.net"} | query
    return requests.get(
        door["IDENTITY_ENDPOINT"],
        params={"api-version": usual.pop("api_version"), **usual},
        headers={"X-IDENTITY-HEADER": door["IDENTITY_HEADER"] if header is None else header},
        timeout=10,
    )


def test_an_app_without_identities_has_no_door(azure: RecordingAzure, identity: Resource) -> None:
    assert SiteIdentity(azure).environment(settings()) == {}
    assert SiteIdentity(azure).environment(settings(identities=(identity.id.lower(),)))


def test_an_identity_of_the_site_gets_a_token_and_the_same_again(
    azure: RecordingAzure, identity: Resource
) -> None:
    door = SiteIdentity(azure).environment(settings(identities=(identity.id.lower(),)))
    client = identity.outputs["clientId"]
    first, second = (ask(door, client_id=client).json() for _ in range(2))
    assert first["access_token"] == second["access_token"]
    assert first["client_id"] == client
    other = ask(door, client_id=client, resource="https://management.azure.com").json()
    assert other["access_token"] != first["access_token"]


def test_nobody_else_gets_one(azure: RecordingAzure, identity: Resource) -> None:
    door = SiteIdentity(azure).environment(settings(identities=(identity.id.lower(),)))
    client = identity.outputs["clientId"]
    assert ask(door, client_id="somebody").status_code == 400
    assert ask(door).status_code == 400, "the site has no identity of its own"
    assert ask(door, header="wrong", client_id=client).status_code == 401
    assert ask(door, client_id=client, resource="").status_code == 400
    assert ask(door, client_id=client, api_version="2017-09-01").status_code == 400
    other = SiteIdentity(azure).environment(settings(identities=(identity.id.lower(),)))
    assert ask(other, header=door["IDENTITY_HEADER"], client_id=client).status_code == 401


def test_the_sites_own_identity_needs_no_name(azure: RecordingAzure) -> None:
    door = SiteIdentity(azure).environment(settings(system_principal="principal"))
    assert ask(door).json()["access_token"].startswith("lab.")
