"""`python -m lab export` and `import`, as they are typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.content import detection
from lab.__main__ import app
from lab.verbs import import_

runner = CliRunner()

RULE = """\
name: Server errors for one client
severity: Low
queryFrequency: 5m
queryPeriod: 30m
triggerOperator: gt
triggerThreshold: 0
relevantTechniques: [T1190]
query: |
  AppServiceHTTPLogs
  | where ScStatus >= 500
  | summarize Errors = count() by CIp
  | where Errors >= 20
kind: Scheduled
"""


def test_an_export_names_each_file_and_what_became_of_it(tmp_path: Path) -> None:
    typed = ["export", "sentinel", str(tmp_path), "password_spray"]
    first = runner.invoke(app, typed)
    assert first.exit_code == 0
    assert "new: " in first.output
    assert "unchanged: 1 files" in runner.invoke(app, typed).output
    (tmp_path / "password_spray.yaml").write_text("mine")
    refused = runner.invoke(app, typed)
    assert refused.exit_code == 2
    assert (tmp_path / "password_spray.yaml").read_text() == "mine"


def test_a_navigator_layer_has_every_technique_of_the_detections(tmp_path: Path) -> None:
    assert runner.invoke(app, ["export", "navigator", str(tmp_path)]).exit_code == 0
    layer = json.loads((tmp_path / "login-monitor.json").read_text(encoding="utf-8"))
    claimed = {each for found in detection.load_all().values() for each in found.attack}
    assert {each["techniqueID"] for each in layer["techniques"]} == claimed


@pytest.mark.parametrize("form", ["sentinel", "arm", "navigator"])
def test_an_unknown_detection_is_refused_and_nothing_written(form: str, tmp_path: Path) -> None:
    found = runner.invoke(app, ["export", form, str(tmp_path / "new"), "password_sprai"])
    assert found.exit_code == 2
    assert not (tmp_path / "new").exists()


def test_an_import_writes_a_detection_and_never_over_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_.run, "__defaults__", (tmp_path,))
    file = tmp_path / "rule.yaml"
    file.write_text(RULE, encoding="utf-8")
    typed = ["import", "sentinel", str(file), "--slug", "server_errors"]
    found = runner.invoke(app, typed)
    assert found.exit_code == 0, found.output
    assert (tmp_path / "server_errors.kql").read_text(encoding="utf-8").startswith("// name:")
    assert "python -m lab new server_errors adds cases" in found.output
    again = runner.invoke(app, typed)
    assert again.exit_code == 2


def test_a_rule_that_cannot_be_imported_exits_with_two_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "rule.yaml"
    file.write_text(RULE.replace("AppServiceHTTPLogs", "NoSuchTable"), encoding="utf-8")
    found = runner.invoke(app, ["import", "sentinel", str(file)])
    assert found.exit_code == 2
    assert "Traceback" not in found.output
    assert runner.invoke(app, ["import", "sentinel", str(tmp_path / "no.yaml")]).exit_code == 2
