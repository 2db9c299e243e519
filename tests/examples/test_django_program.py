"""The Django example's program on the stand-in, and what it refuses before anything is made."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.__main__ import app
from lab.engine import in_process
from lab.engine.throwaway import throwaway
from lab.rehearsal.rehearsal import brought_by_the_lab

EXAMPLE = ROOT / "examples" / "django_postgres"
SITE = "azure-native:web:WebApp"
ONE_RULE = {"detections": '["password_spray"]'}


def test_the_program_comes_up_with_its_app_its_database_and_its_rules() -> None:
    with throwaway() as azure:
        users = json.dumps({"maeve": "right-horse-battery"})
        made = in_process.deploy(EXAMPLE, "local", azure, {"initialUsers": users, **ONE_RULE})
        site = azure.resources.list(SITE)[0].inputs["siteConfig"]
        settings = {each["name"]: each["value"] for each in site["appSettings"]}
    kinds = {each.token.rpartition(":")[2] for each in made.resources}
    assert {"Server", "VirtualNetwork", "WebApp", "ScheduledQueryRule", "Workbook"} <= kinds
    assert "gunicorn board.wsgi:application" in site["appCommandLine"]
    assert json.loads(settings["INITIAL_USERS"]) == {"maeve": "right-horse-battery"}
    assert settings["DATABASE_URL"].startswith("postgresql+psycopg://")
    assert list(made.outputs["alertRuleIds"]) == ["password_spray"]
    assert "firstUserPassword" in made.secret_outputs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"djangoProject": "bord"},
            "start_command 'bord.wsgi' names a module that is not there; expected bord/wsgi.py in"
            " examples/django_postgres/app; did you mean 'board.wsgi'?",
        ),
        (
            {"sourceFolder": "nowhere"},
            "source_folder 'examples/django_postgres/nowhere' is not there; expected the folder of"
            " the app's code",
        ),
    ],
)
def test_what_cannot_work_is_refused_as_a_preview_does(changes: dict[str, str], words: str) -> None:
    with throwaway() as azure:
        with pytest.raises(RefusedError) as refused:
            in_process.deploy(EXAMPLE, "local", azure, changes | ONE_RULE)
        assert azure.resources.list(SITE) == [], "nothing of the app is made"
    assert type(refused.value).exit_code == 2
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--program", "docs"], "docs holds no Pulumi.yaml; expected a folder with"),
        (["--program", "examples/yaml_stack"], "examples/yaml_stack holds no __main__.py"),
        (
            ["--program", "examples/django_postgres", "--stack", "locl"],
            "stack 'locl' is unknown in examples/django_postgres; did you mean 'local'?",
        ),
        (
            ["--program", "examples/python_stack"],
            "config.initialUsers is no setting of the program; expected one of type object",
        ),
    ],
)
def test_a_program_that_cannot_be_rehearsed_is_refused(
    options: list[str],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("LOGIN_MONITOR_LAB", str(tmp_path))
    found = CliRunner().invoke(app, ["rehearse", *options])
    assert found.exit_code == 2
    said = " ".join(found.output.replace("│", " ").split())
    assert words in said
    assert "Traceback" not in said


def test_a_program_gets_what_it_declares_and_no_more(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE / "__main__.py", tmp_path)
    (tmp_path / "Pulumi.yaml").write_text(
        "name: x\nruntime: python\nconfig:\n  initialUsers: {type: object, default: {}}\n"
    )
    brought = {"initialUsers": "{}", "webhookUrl": "https://x.example"}
    assert brought_by_the_lab(tmp_path, brought) == {"initialUsers": "{}"}
    assert brought_by_the_lab(EXAMPLE, brought) == brought
