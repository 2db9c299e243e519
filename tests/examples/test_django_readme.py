"""The way of the Django example's README, word for word: a new project, and an alert of its own."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from components.content.places import ROOT
from lab.azure.dbforpostgresql import server as postgres_server
from tests.support.repository_copy import RepositoryCopy

EXAMPLE = ROOT / "examples" / "django_postgres"
TIME_LIMIT_S = 280


def commands(page: str) -> list[str]:
    """The blocks that are marked as shell commands, in their order."""
    return re.findall(r"(?ms)^```sh\n(.*?)^```$", page)


@pytest.mark.skipif(postgres_server.binaries() is None, reason="PostgreSQL is not installed")
def test_a_new_project_is_rehearsed_by_the_commands_of_the_page(tmp_path: Path) -> None:
    copy = RepositoryCopy(tmp_path / "login-monitor", EXAMPLE / "app")
    blocks = commands((copy.folder / "examples/django_postgres/README.md").read_text("utf-8"))
    assert len(blocks) == 5, "one for each step"
    assert blocks[-1].count("\n") == 1
    blocks[-1] = f"{blocks[-1].rstrip()} --report report\n"  # the same, to be read by a program
    ended = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", "".join(blocks)],
        cwd=copy.folder,
        env={**os.environ, "PYTHONPATH": "", "LOGIN_MONITOR_LAB": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    report = copy.report()
    assert report["stack"] == "shop"
    (spray,) = (each for each in report["detections"] if each["expected"] == "fires")
    assert (spray["slug"], spray["verdict"]) == ("password_spray", "pass")
    assert report["false_alerts"] == []
    assert "dbforpostgresql:Server" in json.dumps(report["resources"])
    settings = (tmp_path / "shop" / "shop" / "settings.py").read_text(encoding="utf-8")
    assert "startproject" in settings, "Django has made it"
