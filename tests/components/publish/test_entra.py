"""Who is asked for a token, and how often."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    DefaultAzureCredential,
    ManagedIdentityCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from components.limits.refusal import FailedError
from components.publish import entra
from tests.support.kudu_stand_in import Answer, KuduStandIn, serving


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
    with pytest.raises(FailedError) as refused:
        entra.EntraToken(Credential())()
    message = "no Entra token can be had (nobody is signed in); expected `az login`"
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_a_refused_audience_leads_to_the_other_one_once() -> None:
    credential = Credential(*entra.SCOPES)
    token = entra.EntraToken(credential)
    assert token() == "token 1"
    assert token.other_audience()
    assert token() == "token 2"
    assert credential.asked == list(entra.SCOPES)
    assert not token.other_audience(), "there are two"


def test_where_only_one_audience_gives_a_token_there_is_no_other() -> None:
    token = entra.EntraToken(Credential(entra.SCOPES[1]))
    token()
    assert not token.other_audience()


def test_an_assertion_that_has_grown_old_is_told_with_the_way_out() -> None:
    class Late(Credential):
        def get_token(self, *scopes: str, **_: object) -> AccessToken:
            raise ClientAuthenticationError("AADSTS700024: Client assertion is not within its time")

    with pytest.raises(FailedError, match="id-token: write"):
        entra.EntraToken(Late())()


PRINCIPAL = {"ARM_TENANT_ID": "t", "ARM_CLIENT_ID": "c"}
GITHUB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://x", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "r"}


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({**PRINCIPAL, "ARM_CLIENT_SECRET": "s"}, ClientSecretCredential),
        (
            {**PRINCIPAL, "ARM_CLIENT_SECRET": "s", "ARM_USE_OIDC": "true", **GITHUB},
            ClientSecretCredential,
        ),
        ({**PRINCIPAL, "ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN": "o"}, ClientAssertionCredential),
        ({**PRINCIPAL, "ARM_USE_OIDC": "true", **GITHUB}, ClientAssertionCredential),
        (
            {**PRINCIPAL, "ARM_USE_OIDC": "true", **GITHUB, "ARM_USE_MSI": "true"},
            ClientAssertionCredential,
        ),
        ({"ARM_USE_MSI": "true", "ARM_CLIENT_ID": "c"}, ManagedIdentityCredential),
        ({"ARM_USE_MSI": "false"}, AzureCliCredential),
        ({**PRINCIPAL, **GITHUB}, AzureCliCredential),
        ({}, AzureCliCredential),
        ({"ARM_USE_DEFAULT_AZURE_CREDENTIAL": "true"}, DefaultAzureCredential),
    ],
)
def test_the_identity_is_found_in_the_order_of_pulumis_own_provider(
    environ: dict[str, str], kind: type
) -> None:
    assert type(entra.credential(environ)) is kind


def test_a_certificate_comes_before_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "certificate.pem"
    made = certificate_of_nobody()
    file.write_bytes(made)
    environ = {**PRINCIPAL, "ARM_CLIENT_CERTIFICATE_PATH": str(file), "ARM_CLIENT_SECRET": "s"}
    assert isinstance(entra.credential(environ), CertificateCredential)
    file.write_text("no certificate")
    with pytest.raises(FailedError, match="expected a PEM or PKCS12 file"):
        entra.credential(environ)


@pytest.mark.parametrize("way", [{"ARM_CLIENT_SECRET": "s"}, {"ARM_USE_OIDC": "true", **GITHUB}])
def test_half_an_identity_is_refused(way: dict[str, str]) -> None:
    with pytest.raises(FailedError, match="ARM_TENANT_ID and ARM_CLIENT_ID not set"):
        entra.credential(way)


def test_a_promise_to_prove_who_we_are_without_a_proof_is_refused() -> None:
    with pytest.raises(FailedError, match="id-token: write"):
        entra.credential({**PRINCIPAL, "ARM_USE_OIDC": "true"})


def test_github_is_asked_for_a_fresh_assertion_each_time() -> None:
    path = "/token?api-version=2&audience=api%3A%2F%2FAzureADTokenExchange"
    with serving(KuduStandIn()) as github:
        answers: list[Answer] = [(200, {"value": "first"}), (200, {"value": "second"})]
        github.script = {f"GET {path}": answers}
        url = f"{github.url}/token?api-version=2"
        environ = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": url,
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "of-the-run",
        }
        assertion = entra._assertion(environ)
        assert [assertion(), assertion()] == ["first", "second"]
        assert set(github.tokens) == {"Bearer of-the-run"}
        github.script = {f"GET {path}": [(403, "no")]}
        with pytest.raises(FailedError, match=r"no OpenID Connect token \(403\)"):
            assertion()


def test_a_token_file_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    assertion = entra._assertion({"ARM_OIDC_TOKEN_FILE_PATH": str(file)})
    file.write_text("first\n")
    assert assertion() == "first"
    file.write_text("second")
    assert assertion() == "second"
    file.unlink()
    with pytest.raises(FailedError, match="cannot be read"):
        assertion()


def certificate_of_nobody() -> bytes:
    """A certificate with its key, as a PEM file holds them."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made.public_bytes(serialization.Encoding.PEM)
