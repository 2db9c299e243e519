"""`python -m traffic` as a user meets it."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.content.places import ROOT
from tests.support.scripted_login_app import LoginApp
from traffic.__main__ import LAB_TOKEN_VARIABLE, cli

MOST_SECONDS = 60


async def start(*arguments: str, token: str | None = None) -> asyncio.subprocess.Process:
    environment = {name: text for name, text in os.environ.items() if name != LAB_TOKEN_VARIABLE}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "traffic", *arguments,
        cwd=ROOT,
        env=environment | ({LAB_TOKEN_VARIABLE: token} if token else {}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # A test run in the background ignores SIGINT, and its children would too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await asyncio.wait_for(process.communicate(), MOST_SECONDS)
    return process.returncode, out.decode(), err.decode()


def refused(*arguments: str) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 2
    assert not result.stdout
    return result.stderr


def test_the_list_shows_every_scenario() -> None:
    result = CliRunner().invoke(cli, ["--list"])
    assert result.exit_code == 0
    for name in ("password_spray", "sql_injection_probe", "office", "health_probe"):
        assert name in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no web address"),
        (["https://192.0.2.1"], "not this machine"),
        (["http://192.0.2.1", "--i-own-this-target"], "plain http"),
        (["http://127.0.0.1:1", "--scenario", "ofice"], "nearest is office"),
        (["http://127.0.0.1:1", "--people", "missing.json"], "people file cannot be read"),
        (["http://127.0.0.1:1", "--speed", "0"], "--speed"),
        (["http://127.0.0.1:1", "--hours", "100"], "--hours"),
    ],
)
def test_wrong_usage_is_refused_with_the_reason(arguments: list[str], message: str) -> None:
    assert message in refused(*arguments)


def test_nobody_listening_is_a_failure_in_one_line(unused_tcp_port: int) -> None:
    result = CliRunner().invoke(
        cli, [f"http://127.0.0.1:{unused_tcp_port}", "--scenario", "password_spray"]
    )
    assert result.exit_code == 1
    assert "does not answer" in result.stderr
    assert "Traceback" not in result.stderr


async def test_an_attack_is_sent_and_counted(
    base_url: str, login_app: LoginApp, tmp_path: Path
) -> None:
    file = tmp_path / "people.json"
    file.write_text(json.dumps(login_app.accounts), encoding="utf-8")
    arguments = ("--scenario", "success_after_failures", "--people", str(file), "--speed", "3600")
    code, out, err = await ended(await start(base_url, *arguments))
    assert code == 0, err
    looked = "GET /login"  # for the form, before anybody comes
    assert login_app.requests == [looked, "GET /login"] + ["POST /login"] * 16 + ["GET /account"]
    row = next(line for line in out.splitlines() if "success_after_failures" in line).split()
    assert row[:6] == ["success_after_failures", "17", "18", "1", "1", "15"]
    assert "right horse" not in out + err
    assert "note" not in err


async def test_made_up_people_are_announced(base_url: str) -> None:
    arguments = ("--scenario", "forgetful", "--speed", "3600")
    code, _, err = await ended(await start(base_url, *arguments))
    assert code == 0
    assert "people are made up and nobody of forgetful will get in" in err
    assert "the app sees one address" in err


async def test_the_token_of_the_lab_comes_from_the_environment(
    base_url: str, login_app: LoginApp
) -> None:
    arguments = ("--scenario", "brute_force_on_one_account", "--speed", "3600")
    code, out, err = await ended(await start(base_url, *arguments, token="made-up"))
    assert code == 0
    assert len({request.headers["X-Lab-Client"] for request in login_app.seen}) >= 30
    assert "made-up" not in out + err
    assert "one address" not in err


async def test_an_interruption_ends_it_and_shows_what_was_sent(
    base_url: str, login_app: LoginApp
) -> None:
    process = await start(base_url, "--scenario", "client_error_burst", "--speed", "10")
    while len(login_app.seen) < 3:
        assert process.returncode is None, await ended(process)
        await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    code, out, err = await ended(process)
    assert code == 130
    assert "interrupted" in err
    assert "of 120" in out
    assert "Traceback" not in out + err
