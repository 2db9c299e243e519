"""`lab except` writes one entry into a stack's file, and leaves the rest of it alone."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from components.limits.refusal import RefusedError
from lab.verbs import except_

SOON = str(date.today() + timedelta(days=20))
KEY = "login-monitor:exceptions"
GIVEN = {"address": "198.51.100.7", "account": None, "reason": 'our "test"', "expires": SOON}
HEAD = "# Ours.\nconfig:\n  login-monitor:alertEmails: [soc@example.com]  # one\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: login-monitor\nruntime: python\n")
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        f"{HEAD}  login-monitor:exceptions: []\n  login-monitor:retentionDays: 30\n",
        f"{HEAD}encryptionsalt: v1:abc\n",
        "config: {}\n",
        "config:\n    login-monitor:alertEmails: [soc@example.com]\n",
        f"{HEAD}  login-monitor:exceptions: # none yet\n",
        "# Nothing yet.\n",
    ],
)
def test_an_entry_is_added_and_the_rest_stays(text: str, project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(text)
    for _ in range(2):
        except_.run("password_spray", "dev", GIVEN, project)
    written = file.read_text()
    entry = {"detections": ["password_spray"], "address": "198.51.100.7"}
    entry |= {"reason": 'our "test"', "expires": SOON}
    before = yaml.safe_load(text) or {}
    config = {**(before.get("config") or {}), "login-monitor:exceptions": [entry, entry]}
    assert yaml.safe_load(written) == {**before, "config": config}
    kept = [line for line in text.splitlines() if "exceptions" not in line and line != "config: {}"]
    assert [line for line in written.splitlines() if line in kept] == kept


def test_nothing_is_written_where_it_cannot_work(project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(HEAD)
    for slug, changes, expected in (
        ("password_sprai", {}, "did you mean 'password_spray'?"),
        ("all", {"address": None, "network": "0.0.0.0/0"}, "network '0.0.0.0/0' is not allowed"),
        ("password_spray", {"path": "/login"}, "do not tell all that is excepted"),
        ("no_log_lines", {}, "warns of silence"),
        ("all", {"expires": "2020-01-01"}, "expires '2020-01-01' has passed"),
    ):
        with pytest.raises(RefusedError) as raised:
            except_.run(slug, "dev", {**GIVEN, **changes}, project)
        assert expected in str(raised.value)
    assert file.read_text() == HEAD


OWN = json.dumps({"account": "anna", "reason": "x", "expires": SOON})


@pytest.mark.parametrize(
    "listed", [f"  {KEY}:\n  - {OWN}\n", f"  {KEY}:\n      # ours\n      - {OWN}\n"]
)
def test_a_list_keeps_its_indentation(listed: str, project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(f"{HEAD}{listed}  login-monitor:retentionDays: 30\n")
    except_.run("password_spray", "dev", GIVEN, project)
    config = yaml.safe_load(file.read_text())["config"]
    assert [each.get("account") for each in config[KEY]] == ["anna", None]
    assert config["login-monitor:retentionDays"] == 30


@pytest.mark.parametrize(
    "text",
    [
        "config: {login-monitor:retentionDays: 30}\n",
        f"{HEAD}  {KEY}: [{OWN}]\n",
    ],
)
def test_a_file_of_another_form_is_left_alone_and_told(text: str, project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(text)
    with pytest.raises(RefusedError, match="cannot be written to as it is"):
        except_.run("password_spray", "dev", GIVEN, project)
    assert file.read_text() == text


def test_the_ends_of_lines_stay_what_they_are(project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_bytes(HEAD.replace("\n", "\r\n").encode())
    except_.run("password_spray", "dev", GIVEN, project)
    written = file.read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n") == 5
