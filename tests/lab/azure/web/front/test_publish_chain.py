"""The whole way: the stack's own command publishes the app, somebody knocks, the rows appear."""

import json
import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from components.content.places import ROOT
from components.publish import bundle
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError
from lab.azure.pulumi.command import Command
from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.site.site_settings import SiteSettings
from tests.support.demo_site import SITE_ID, START, RecordingAzure

APP_SETTINGS = {
    "SCM_DO_BUILD_DURING_DEPLOYMENT": "true",
    "SECRET_KEY": "a made-up key of the tests, long enough",
    "INITIAL_USERS": json.dumps({"ada": "correct horse battery staple"}),
}


def login_site(service: AppService, **app_settings: str) -> Hosted:
    return service.add(
        SiteSettings(
            name="login-abc",
            resource_id=SITE_ID,
            command_line="python serve.py --bind 0.0.0.0:8000",
            app_settings={**APP_SETTINGS, **app_settings},
            runtime="PYTHON|3.12",
            https_only=True,
        )
    )


def publish(azure: RecordingAzure, source: Path) -> Resource:
    """What the stack does: its command runs the publish module, which knows nothing of the lab."""
    inputs = {
        "create": f"{sys.executable} components/publish/publish.py",
        "dir": str(ROOT),
        "environment": {
            "PUBLISH_SOURCE": str(source),
            "PUBLISH_SCM_URL": "https://login-abc.scm.azurewebsites.net",
            "PUBLISH_HEALTH_URL": "https://login-abc.azurewebsites.net/health",
            "PUBLISH_VERSION": bundle.version(source),
            "PUBLISH_TELLS_VERSION": "true",
        },
    }
    step = Resource("command:local:Command", "code", "", "code", "code", inputs, dict(inputs))
    Command(azure).create(step)
    return step


def log_in(hosted: Hosted, lab_token: str, address: str, password: str) -> requests.Response:
    """Signs in as ada; the Secure cookie is carried by hand over the lab's plain port."""
    headers = {
        "X-Lab-Token": lab_token,
        "X-Lab-Client": address,
        "User-Agent": "Visitor/1.0",
        "Referer": f"{hosted.url}/login".replace("http:", "https:"),
    }
    page = requests.get(f"{hosted.url}/login", headers=headers, timeout=30)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found is not None, page.text
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    return requests.post(
        f"{hosted.url}/login",
        data={"username": "ada", "password": password, "csrf_token": found[1]},
        headers={**headers, "Cookie": cookie},
        timeout=30,
        allow_redirects=False,
    )


def events(azure: RecordingAzure) -> list[dict[str, Any]]:
    lines = [json.loads(text) for text in azure.said() if text.startswith("{")]
    return [line for line in lines if line.get("EventSchema") == "Authentication"]


def test_a_login_at_the_published_app_becomes_rows_at_the_labs_time(
    azure: RecordingAzure, service: AppService
) -> None:
    hosted = login_site(service)
    step = publish(azure, ROOT / "app_src")
    version = bundle.version(ROOT / "app_src")
    assert version in step.outputs["stdout"]
    health = requests.get(f"{hosted.url}/health", timeout=30).json()
    assert health == {"status": "ok", "app": "login-monitor", "version": version}

    azure.clock.run_until(START + timedelta(minutes=12, seconds=5))
    wrong = log_in(hosted, service.lab_token, "198.51.100.7", "guess")
    right = log_in(hosted, service.lab_token, "2001:db8::7", "correct horse battery staple")
    service.drain()

    assert (wrong.status_code, right.status_code) == (401, 302)
    failure, success = events(azure)
    assert (failure["EventResult"], failure["SrcIpAddr"]) == ("Failure", "198.51.100.7")
    assert (success["EventResult"], success["SrcIpAddr"]) == ("Success", "2001:db8::7")
    assert failure["ts"].startswith("2026-01-05T07:42:05")
    assert failure["HttpUserAgent"] == "Visitor/1.0"
    console = azure.table("AppServiceConsoleLogs")[-1]
    assert console["TimeGenerated"] == START + timedelta(minutes=12, seconds=5)
    posts = [row for row in azure.table("AppServiceHTTPLogs") if row["CsMethod"] == "POST"][1:]
    assert [(row["CIp"], row["CsUriStem"], row["ScStatus"]) for row in posts] == [
        ("198.51.100.7", "/login", 401),
        ("2001:db8::7", "/login", 302),
    ]
    assert {row["TimeGenerated"] for row in posts} == {console["TimeGenerated"]}


def test_a_dependency_that_does_not_exist_stops_the_deployment_with_pips_words(
    azure: RecordingAzure, service: AppService, tmp_path: Path
) -> None:
    login_site(service)
    source = tmp_path / "app"
    shutil.copytree(ROOT / "app_src", source, ignore=shutil.ignore_patterns("__pycache__"))
    (source / "requirements.txt").write_text("--no-index\nflask-from-nowhere>=9\n")
    with pytest.raises(ResourceError) as failure:
        publish(azure, source)
    assert "No matching distribution found for flask-from-nowhere>=9" in str(failure.value)


def test_an_app_that_does_not_start_stops_the_deployment_with_its_words(
    azure: RecordingAzure, service: AppService
) -> None:
    login_site(service, SECRET_KEY="too short")
    with pytest.raises(ResourceError) as failure:
        publish(azure, ROOT / "app_src")
    told = str(failure.value)
    assert "command:Command code: create ended with exit code 1" in told
    assert "ended 3 times with exit code 1" in told
    assert "SECRET_KEY" in told
    assert "too short" not in told
