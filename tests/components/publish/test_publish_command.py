"""The command as the stack runs it: a process, TLS, a token from a managed identity."""

import datetime
import ipaddress
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from components.content.places import ROOT
from components.publish import bundle
from tests.support.kudu_stand_in import KuduStandIn, serving

SCRIPT = ROOT / "components" / "publish" / "publish.py"
LATEST, UPLOAD, HEALTH = (
    "GET /api/deployments/latest",
    "POST /api/publish?type=zip&async=true",
    "GET /health",
)
DOOR = "GET /token?api-version=2019-08-01&resource=https://appservice.azure.com"
TOKEN = "-".join(["a", "token", "of", "nobody"])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with key and certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "stand-in.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def azure(certificate: Path) -> Iterator[KuduStandIn]:
    """A site behind TLS."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with serving(KuduStandIn(), tls) as stand_in:
        yield stand_in


@pytest.fixture
def door() -> Iterator[KuduStandIn]:
    """A managed identity's token door."""
    told = {"access_token": TOKEN, "expires_on": str(int(time.time()) + 3600), "resource": "r"}
    with serving(KuduStandIn({DOOR: [(200, told)]})) as stand_in:
        yield stand_in


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small app."""
    (tmp_path / "requirements.txt").write_text("Flask\n")
    return tmp_path


def run(
    azure: KuduStandIn, door: KuduStandIn, source: Path, **changes: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(source),
        "IDENTITY_ENDPOINT": f"{door.url}/token",
        "IDENTITY_HEADER": "header-of-nobody",
        "ARM_USE_MSI": "true",
        "PUBLISH_SOURCE": ".",
        "PUBLISH_SCM_URL": azure.url,
        "PUBLISH_HEALTH_URL": f"{azure.url}/health",
        "PUBLISH_VERSION": bundle.version(source),
        "PUBLISH_WAIT_SECONDS": "20",
        "PUBLISH_HEALTH_TEXT": "login-monitor",
        "PUBLISH_TELLS_VERSION": "true",
    } | changes
    return subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=environment,
        cwd=source,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_code_becomes_live(
    azure: KuduStandIn, door: KuduStandIn, source: Path, certificate: Path
) -> None:
    version = bundle.version(source)
    azure.script = {
        HEALTH: [(503, ""), (200, {"app": "login-monitor", "version": version})],
        LATEST: [(404, ""), (202, {"id": "d", "status": 1}), (200, {"id": "d", "status": 4})],
        UPLOAD: [(202, "")],
    }
    done = run(azure, door, source, REQUESTS_CA_BUNDLE=str(certificate))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"version {version} answers at {azure.url}/health\n"
    assert azure.uploads == [bundle.build(source)]
    assert f"Bearer {TOKEN}" in azure.tokens
    assert TOKEN not in done.stdout + done.stderr
    assert len(door.asked) == 1, "one token is enough"


def test_a_certificate_that_is_not_trusted_ends_it_at_once(
    azure: KuduStandIn, door: KuduStandIn, source: Path
) -> None:
    done = run(azure, door, source)
    assert done.returncode == 1
    assert "127.0.0.1 has a certificate that is not trusted" in done.stderr
    assert "REQUESTS_CA_BUNDLE" in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_signed_in_is_told_in_one_line(
    azure: KuduStandIn, door: KuduStandIn, source: Path, certificate: Path
) -> None:
    door.script = {}
    azure.script = {HEALTH: [(503, "")]}
    done = run(azure, door, source, REQUESTS_CA_BUNDLE=str(certificate))
    assert done.returncode == 1
    assert done.stderr.startswith("publish: no Entra token can be had")
    assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_call_without_an_order_is_a_wrong_call(
    azure: KuduStandIn, door: KuduStandIn, source: Path
) -> None:
    done = run(azure, door, source, PUBLISH_SOURCE="")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "publish: PUBLISH_SOURCE not set; expected in the environment\n"
