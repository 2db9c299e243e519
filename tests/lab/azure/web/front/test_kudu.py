"""Publishing: a zip becomes a running site, or a log that says why not."""

import io
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.front.kudu import HOLD_SECONDS
from tests.support.demo_site import APP, Publisher, RecordingAzure, package, settings, token

NO_NETWORK = "--no-index\n"
BUILD = {"SCM_DO_BUILD_DURING_DEPLOYMENT": "true"}


@pytest.fixture
def hosted(service: AppService) -> Hosted:
    return service.add(settings(app_settings={}))


def building(service: AppService) -> Hosted:
    return service.add(settings(app_settings=BUILD))


def finished(publisher: Publisher) -> Mapping[str, object]:
    """The latest deployment, once it is over."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = publisher.get("/api/deployments/latest")
        assert answer.status_code in (200, 202)
        told: dict[str, object] = answer.json()
        assert (answer.status_code == 200) == told["complete"]
        if told["complete"]:
            return told
    raise AssertionError("the deployment did not end")


def test_what_is_published_runs(hosted: Hosted, publisher: Publisher) -> None:
    answer = publisher.publish(package({"app.py": APP, "VERSION": "1", "static/a.css": "a {}"}))
    assert (answer.status_code, answer.content) == (200, b"")
    told = requests.get(hosted.url, timeout=10).json()
    assert told["version"] == "1"
    assert "static" in told["files"]


def test_an_asynchronous_publication_is_followed_to_its_end(
    hosted: Hosted, publisher: Publisher
) -> None:
    query = "type=zip&async=true&trackDeploymentProgress=true"
    answer = publisher.publish(package({"app.py": APP}), query)
    assert answer.status_code == 202
    place = "https://demo.scm.azurewebsites.net/api/deployments/latest?deployer=OneDeploy&time="
    assert answer.headers["Location"].startswith(place)
    told = finished(publisher)
    assert told["id"] == answer.headers["SCM-DEPLOYMENT-ID"]
    assert (told["status"], told["active"], told["deployer"]) == (4, True, "OneDeploy")
    assert publisher.get(f"/api/deployments/{told['id']}").json() == told
    assert [each["id"] for each in publisher.get("/api/deployments").json()] == [told["id"]]


def test_the_next_publication_replaces_the_one_before(hosted: Hosted, publisher: Publisher) -> None:
    publisher.publish(package({"app.py": APP, "VERSION": "1", "old.txt": ""}))
    before = hosted.site.group_id
    publisher.publish(package({"app.py": APP, "VERSION": "2"}))
    told = requests.get(hosted.url, timeout=10).json()
    assert (told["version"], told["files"]) == ("2", ["VERSION", "app.py"])
    assert hosted.site.group_id != before
    assert len(list(hosted.kudu.folder.iterdir())) == 1, "the code of the one before is kept"


def test_without_a_token_nobody_publishes(hosted: Hosted, publisher: Publisher) -> None:
    publisher.session.headers["Authorization"] = "Bearer made-up"
    assert publisher.publish(package({"app.py": APP})).status_code == 401
    del publisher.session.headers["Authorization"]
    assert publisher.get("/api/deployments/latest").status_code == 401
    assert hosted.kudu.deployments == []


def test_a_token_for_something_else_does_not_open_kudu(
    service: AppService, hosted: Hosted, publisher: Publisher
) -> None:
    other = token(service.edge.environment(), "https://vault.azure.net")
    publisher.session.headers["Authorization"] = f"Bearer {other}"
    assert publisher.get("/api/deployments").status_code == 401
    apps_own = token(service.edge.environment(), "https://appservice.azure.com")
    publisher.session.headers["Authorization"] = f"Bearer {apps_own}"
    assert publisher.get("/api/deployments").status_code == 200


@pytest.mark.parametrize(("allowed", "words"), [(False, "allow is false"), (True, "bearer token")])
def test_a_password_is_refused_with_the_reason(
    azure: RecordingAzure, hosted: Hosted, publisher: Publisher, allowed: bool, words: str
) -> None:
    hosted.kudu.basic_allowed = allowed
    answer = requests.get(
        f"{publisher.base}/api/deployments",
        auth=("$demo", "password"),
        proxies={"https": str(publisher.session.proxies["https"])},
        verify=str(publisher.session.verify),
        timeout=10,
    )
    assert answer.status_code == 401
    assert words in answer.text
    hosted.site.drain()
    assert [row["Protocol"] for row in azure.table("AppServiceAuditLogs")] == ["KUDU"]


@pytest.mark.parametrize(
    ("query", "text"),
    [("type=rar", "type='rar' not recognized"), ("", "type='' not recognized")],
)
def test_an_unknown_type_is_refused_in_kudus_words(
    hosted: Hosted, publisher: Publisher, query: str, text: str
) -> None:
    answer = publisher.publish(b"", query)
    assert (answer.status_code, answer.text) == (400, text)


def test_unknown_deployments_and_routes_are_not_found(hosted: Hosted, publisher: Publisher) -> None:
    paths = ("/api/deployments/latest", "/api/deployments/1", "/api/zipdeploy", "/")
    assert [publisher.get(path).status_code for path in paths] == [404] * len(paths)


def escaping(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "x")
    return content.getvalue()


def link() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("innocent")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a zip file is expected"),
        (b"no zip at all", "a zip file is expected"),
        (package({"app.py": APP})[:-40], "a zip file is expected"),
        (escaping("../outside.txt"), "leaves its folder"),
        (escaping("/outside.txt"), "leaves its folder"),
        (escaping("a/../../outside.txt"), "leaves its folder"),
        (escaping("..\\outside.txt"), "leaves its folder"),
        (link(), "is a link"),
    ],
)
def test_a_package_that_cannot_be_trusted_is_not_unpacked(
    azure: RecordingAzure, hosted: Hosted, publisher: Publisher, content: bytes, words: str
) -> None:
    answer = publisher.publish(content)
    assert answer.status_code == 400
    assert words in answer.text
    assert finished(publisher)["status"] == 3
    assert list(azure.state_dir.rglob("outside*")) == []
    assert not hosted.kudu.folder.exists() or list(hosted.kudu.folder.iterdir()) == []


def test_a_failed_package_leaves_the_running_code_alone(
    hosted: Hosted, publisher: Publisher
) -> None:
    publisher.publish(package({"app.py": APP, "VERSION": "1"}))
    publisher.publish(b"no zip at all")
    assert requests.get(hosted.url, timeout=10).json()["version"] == "1"


def test_a_missing_dependency_is_told_in_the_log(service: AppService, publisher: Publisher) -> None:
    building(service)
    content = {"app.py": APP, "requirements.txt": f"{NO_NETWORK}flask-from-nowhere>=9\n"}
    publisher.publish(package(content), "type=zip&async=true")
    assert finished(publisher)["status"] == 3
    log = publisher.log()
    assert "Running oryx build..." in log
    assert "ERROR: No matching distribution found for flask-from-nowhere>=9" in log
    assert log[-1] == "Deployment Failed."


@pytest.mark.parametrize(
    ("app_settings", "files", "warning"),
    [
        ({}, {"requirements.txt": "flask\n"}, "SCM_DO_BUILD_DURING_DEPLOYMENT is not true"),
        (BUILD, {"src/requirements.txt": "flask\n"}, "Could not find requirements.txt in the root"),
    ],
)
def test_what_was_not_installed_is_missed_at_start(
    service: AppService,
    publisher: Publisher,
    app_settings: Mapping[str, str],
    files: Mapping[str, str],
    warning: str,
) -> None:
    hosted = service.add(
        settings(app_settings=app_settings, command_line="gunicorn --log-level error wsgi:app")
    )
    publisher.publish(package({"wsgi.py": "import flask\n", **files}), "type=zip&async=true")
    assert finished(publisher)["status"] == 3
    log = publisher.log()
    assert any(line.startswith(warning) for line in log)
    assert any("ModuleNotFoundError: No module named 'flask'" in line for line in log)
    assert requests.get(hosted.url, timeout=10).status_code == 503


def test_an_app_that_dies_at_start_is_told_with_its_last_words(
    hosted: Hosted, publisher: Publisher
) -> None:
    code = "import sys\nsys.exit('SECRET_KEY is missing; 32 characters are expected')\n"
    answer = publisher.publish(package({"app.py": code}))
    assert answer.status_code == 400
    assert "site demo ended 3 times with exit code 1" in answer.text
    log = publisher.log()
    assert "ERROR:   SECRET_KEY is missing; 32 characters are expected" in log


def test_who_follows_a_publication_is_told_its_end_at_once(
    hosted: Hosted, publisher: Publisher
) -> None:
    slow = f"import time\ntime.sleep(0.5)\n{APP}"
    publisher.publish(package({"app.py": slow}), "type=zip&async=true")
    began, asked, told = time.monotonic(), 0, False
    while not told:
        asked += 1
        told = bool(publisher.get("/api/deployments/latest").json()["complete"])
    assert asked <= (time.monotonic() - began) / HOLD_SECONDS + 1


def test_two_publications_at_once_are_one_too_many(hosted: Hosted, publisher: Publisher) -> None:
    slow = f"import time\ntime.sleep(1)\n{APP}"
    first = publisher.publish(package({"app.py": slow}), "type=zip&async=true")
    second = publisher.publish(package({"app.py": APP}))
    assert (first.status_code, second.status_code) == (202, 409)
    assert "deployment currently in progress" in second.text
    assert finished(publisher)["status"] == 4


def test_kudus_own_requests_are_in_the_apps_logs(
    azure: RecordingAzure, hosted: Hosted, publisher: Publisher
) -> None:
    publisher.publish(package({"app.py": APP}))
    hosted.site.drain()
    row = azure.table("AppServiceHTTPLogs")[0]
    assert (row["CsHost"], row["CsUriStem"], row["CsUriQuery"], row["ScStatus"]) == (
        "demo.scm.azurewebsites.net",
        "/api/publish",
        "type=zip",
        200,
    )
    assert [row["Protocol"] for row in azure.table("AppServiceAuditLogs")] == ["AAD"]


def test_an_interrupted_publication_ends_with_the_lab(
    azure: RecordingAzure, hosted: Hosted, publisher: Publisher, tmp_path: Path
) -> None:
    never = "import time\ntime.sleep(1000)\n"
    publisher.publish(package({"app.py": never}), "type=zip&async=true")
    while hosted.site.group_id is None:
        time.sleep(0)
    azure.stop()
    assert hosted.site.group_id is None
