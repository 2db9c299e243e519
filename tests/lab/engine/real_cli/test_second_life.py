"""What a stack goes through after its first day, by the real engine against the stand-in."""

from pathlib import Path

import pytest
import requests

from components.content.places import ROOT
from lab.azure.core.resource import Resource
from lab.azure.web.app_service import AppService
from tests.support.project import Project

pytestmark = pytest.mark.engine

APP = """
import sys
sys.path.insert(0, {root!r})
from components import LoginApp, LogStore
group = resources.ResourceGroup("group", location="{location}")
logs = LogStore("logs", {{"resource_group_name": group.name, "location": "{location}"}})
app = LoginApp("login", {{"resource_group_name": group.name, "location": "{location}",
    "workspace_id": logs.workspace_id, "initial_users": {{"ada": "correct horse battery"}},
    "python_version": "{python}", "source_folder": {source!r}}})
"""
DATABASE = """
import sys
sys.path.insert(0, {root!r})
from components import LoginDatabase
group = resources.ResourceGroup("group", location="westeurope")
logs = operationalinsights.Workspace("logs", resource_group_name=group.name, location="westeurope")
LoginDatabase("db", {{"resource_group_name": group.name, "location": "westeurope",
    "workspace_id": logs.id, "database_public_access": ["azure"],
    "database_authentication": "{way}", "database_storage_gb": {disk},
    "identity_name": "app", "identity_principal_id": "{principal}",
    "tenant_id": "00000000-0000-0000-0000-000000000001"}})
"""
SMALL_APP = """
import json, os, six
from pathlib import Path
from wsgiref.simple_server import make_server

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    version = Path(__file__).with_name("VERSION").read_text().strip()
    return [json.dumps({"app": "login-monitor", "version": version}).encode()]

make_server("127.0.0.1", int(os.environ["PORT"]), app).serve_forever()
"""
PRINCIPAL = "00000000-0000-0000-0000-0000000000aa"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An app with a package of its own, which only a build brings."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "serve.py").write_text(SMALL_APP, encoding="utf-8")
    (folder / "requirements.txt").write_text("six==1.17.0\n", encoding="utf-8")
    return folder


def app(source: Path, location: str = "westeurope", python: str = "3.12") -> str:
    return APP.format(root=str(ROOT), source=str(source), location=location, python=python)


def version(project: Project) -> str:
    """What the only site answers; '' for a page that is not the app's."""
    (hosted,) = project.azure.service(AppService).sites
    answer = requests.get(f"{hosted.url}/health", timeout=30)
    is_ours = answer.headers["Content-Type"] == "application/json"
    return str(answer.json()["version"]) if is_ours else ""


def test_the_code_follows_the_app_wherever_it_goes(running_project: Project, source: Path) -> None:
    project = running_project
    project.write(app(source))
    project.up()
    first = version(project)
    assert first

    project.write(app(source, location="northeurope"))
    project.up()
    assert version(project) == first, "a new region is a new, empty site"

    site = one(project, "login-site")
    project.run("up", "--yes", "--skip-preview", "--replace", site.urn)
    assert version(project) == first, "the same name, another site"

    project.azure.resources.remove(one(project, "login-site"))
    project.run("refresh", "--yes", "--skip-preview")
    project.up()
    assert version(project) == first, "deleted by hand"

    project.write(app(source, location="northeurope", python="3.13"))
    project.up()
    assert version(project) not in ("", first), "packages of the old Python are no use"
    project.up("--expect-no-changes")
    project.run("destroy", "--yes", "--skip-preview")
    assert project.held == []


def test_a_server_lives_through_what_a_stack_does_with_its_sign_in(project: Project) -> None:
    project.write(database("both"))
    project.up()
    before = one(project, "db-server")

    project.write(database("entra"))
    planned = [step for step in project.steps() if step[1] == "db-server"]
    assert planned == [("update", "db-server")], "a replaced server has no accounts"
    project.up()
    after = one(project, "db-server")
    assert after.number == before.number
    assert after.inputs["authConfig"]["passwordAuth"] == "Disabled"
    assert after.inputs["administratorLogin"] == "loginadmin", "kept, as Azure keeps it"
    project.up("--expect-no-changes")

    project.write(database("entra", disk=64))
    project.up()
    assert one(project, "db-server").inputs["storage"]["storageSizeGB"] == 64

    project.write(database("entra"))
    assert "a disk only grows" in project.up(fails=True)


def test_a_server_that_never_had_a_password_is_not_replaced_to_get_one(project: Project) -> None:
    project.write(database("entra"))
    project.up()
    project.write(database("both"))
    refused = project.run("preview", fails=True)
    assert "administratorLogin" in refused, "refused before anything is lost"
    project.up(fails=True)
    assert one(project, "db-server").inputs["authConfig"]["passwordAuth"] == "Disabled"


def database(way: str, disk: int = 32) -> str:
    return DATABASE.format(root=str(ROOT), way=way, disk=disk, principal=PRINCIPAL)


def one(project: Project, name: str) -> Resource:
    (found,) = [each for each in project.held if each.logical_name == name]
    return found
