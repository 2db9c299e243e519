"""Real host names lead to the lab, and nowhere else."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

from lab.azure.web.app_service import AppService, Hosted
from tests.support.demo_site import RecordingAzure, session_for, settings, start


@pytest.fixture
def session(service: AppService) -> requests.Session:
    return session_for(service.edge.environment())


def test_the_host_name_of_an_app_leads_to_it(session: requests.Session, demo: Hosted) -> None:
    told = session.get("https://demo.azurewebsites.net/x", timeout=10).json()
    headers = dict(told["headers"])
    assert headers["Host"] == "demo.azurewebsites.net"
    assert headers["X-Forwarded-Proto"] == "https"


def test_names_are_compared_without_case(session: requests.Session, demo: Hosted) -> None:
    assert session.get("https://DEMO.azurewebsites.net/", timeout=10).status_code == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_app_that_nobody_made_is_not_found(session: requests.Session, scheme: str) -> None:
    answer = session.get(f"{scheme}://other.azurewebsites.net/", timeout=10)
    assert (answer.status_code, answer.text) == (404, "404 Web Site not found.\n")


@pytest.mark.parametrize(
    "url",
    [
        "https://login.microsoftonline.com/",
        "https://management.azure.com:8443/",
        "https://azurewebsites.net.example.com/",
        "https://demo.azurewebsites.net:8443/",
        "https://127.0.0.1:22/",
    ],
)
def test_nothing_else_is_reached_through_the_proxy(
    session: requests.Session, demo: Hosted, url: str
) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="403 Forbidden"):
        session.get(url, timeout=10)


def test_plain_http_to_another_host_is_refused_with_the_reason(session: requests.Session) -> None:
    answer = session.get("http://example.com/", timeout=10)
    assert answer.status_code == 403
    assert answer.text == (
        "example.com is not led anywhere; the lab stands in for *.azurewebsites.net"
        " and management.azure.com\n"
    )


def test_plain_http_is_sent_to_https_when_the_site_wants_it(
    azure: RecordingAzure, session: requests.Session, demo: Hosted
) -> None:
    answer = session.get(
        "http://demo.azurewebsites.net/a%20b?c=d", timeout=10, allow_redirects=False
    )
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://demo.azurewebsites.net/a%20b?c=d"
    demo.site.drain()
    row = azure.table("AppServiceHTTPLogs")[-1]
    assert (row["ScStatus"], row["SPort"], row["CsUriStem"]) == (301, "80", "/a%20b")


def test_plain_http_is_served_when_the_site_allows_it(
    service: AppService, session: requests.Session, tmp_path: Path
) -> None:
    hosted = service.add(settings(name="open", https_only=False))
    start(hosted, tmp_path)
    told = session.get("http://open.azurewebsites.net/x", timeout=10).json()
    assert told["path"] == "/x"
    assert dict(told["headers"])["X-Forwarded-Proto"] == "http"


def test_only_who_was_told_trusts_the_certificate(
    service: AppService, session: requests.Session, demo: Hosted
) -> None:
    session.verify = True
    with pytest.raises(requests.exceptions.SSLError):
        session.get("https://demo.azurewebsites.net/", timeout=10)


def test_no_private_key_stays_on_disk(azure: RecordingAzure, service: AppService) -> None:
    files = [path for path in (azure.state_dir / "edge").iterdir() if path.is_file()]
    assert [path.name for path in files] == ["ca.pem"]
    assert "PRIVATE KEY" not in files[0].read_text()
    assert not stat.S_ISLNK(files[0].lstat().st_mode)


def test_an_azure_credential_gets_a_token_that_kudu_takes(
    service: AppService, demo: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    for name, value in service.edge.environment().items():
        monkeypatch.setenv(name, value)
    for credential in (ManagedIdentityCredential(), DefaultAzureCredential()):
        with credential:
            given = credential.get_token("https://management.azure.com/.default")
        answer = requests.get(
            "https://demo.scm.azurewebsites.net/api/deployments",
            headers={"Authorization": f"Bearer {given.token}"},
            timeout=10,
        )
        assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("header", "query", "status"),
    [
        (None, {"resource": "https://management.azure.com", "api-version": "2019-08-01"}, 401),
        ("wrong", {"resource": "https://management.azure.com", "api-version": "2019-08-01"}, 401),
        ("right", {"resource": "https://management.azure.com", "api-version": "1999-01-01"}, 400),
        ("right", {"api-version": "2019-08-01"}, 400),
    ],
)
def test_the_token_door_asks_for_its_header(
    service: AppService, header: str | None, query: dict[str, str], status: int
) -> None:
    environment = service.edge.environment()
    known = environment["IDENTITY_HEADER"] if header == "right" else header
    answer = requests.get(
        environment["IDENTITY_ENDPOINT"],
        params=query,
        headers={"X-IDENTITY-HEADER": known} if known else {},
        timeout=10,
    )
    assert (answer.status_code, "access_token" in answer.json()) == (status, False)


def test_a_child_process_needs_nothing_but_its_environment(
    service: AppService, demo: Hosted
) -> None:
    code = (
        "import requests; print(requests.get('https://demo.azurewebsites.net/').json()['path'],"
        f" requests.get('{demo.url}').status_code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], **service.edge.environment()},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("/ 200\n", "")
