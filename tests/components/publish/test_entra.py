"""Who is asked for a token, and how often."""

import time

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential, ClientSecretCredential, DefaultAzureCredential

from components.publish import entra


class Credential:
    """Knows some scopes and counts how often it is asked."""

    def __init__(self, *scopes: str, lifetime: float = 3600) -> None:
        self.scopes, self.lifetime, self.asked = scopes, lifetime, list[str]()

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        self.asked += scopes
        if scopes[0] not in self.scopes:
            raise ClientAuthenticationError("nobody is signed in\nand many more words")
        return AccessToken(f"token {len(self.asked)}", int(time.time() + self.lifetime))


def test_app_services_own_audience_is_asked_first_and_once() -> None:
    credential = Credential(*entra.SCOPES)
    token = entra.EntraToken(credential)
    assert (token(), token()) == ("token 1", "token 1")
    assert credential.asked == ["https://appservice.azure.com/.default"]


def test_the_older_audience_serves_where_the_new_one_is_unknown() -> None:
    assert entra.EntraToken(Credential("https://management.azure.com/.default"))() == "token 2"


def test_a_token_about_to_expire_is_renewed() -> None:
    token = entra.EntraToken(Credential(*entra.SCOPES, lifetime=60))
    assert (token(), token()) == ("token 1", "token 2")


def test_nobody_signed_in_is_told_in_one_line_with_the_way_out() -> None:
    with pytest.raises(entra.SignInError) as refused:
        entra.EntraToken(Credential())()
    message = "no Entra token can be had (nobody is signed in); expected `az login`"
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


PRINCIPAL = {"ARM_TENANT_ID": "t", "ARM_CLIENT_ID": "c"}


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({**PRINCIPAL, "ARM_CLIENT_SECRET": "s"}, ClientSecretCredential),
        ({**PRINCIPAL, "ARM_OIDC_TOKEN": "o"}, ClientAssertionCredential),
        (PRINCIPAL, DefaultAzureCredential),
        ({}, DefaultAzureCredential),
        (
            {**PRINCIPAL, "ARM_CLIENT_SECRET": "s", "IDENTITY_ENDPOINT": "http://127.0.0.1"},
            DefaultAzureCredential,
        ),
    ],
)
def test_the_identity_of_pulumis_own_provider_is_used_where_it_is_given(
    environ: dict[str, str], kind: type
) -> None:
    assert isinstance(entra.credential(environ), kind)
