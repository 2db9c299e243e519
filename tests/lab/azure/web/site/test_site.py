"""An app's process: its environment, its time, its lines, its deaths."""

import socket
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from components.content.places import ROOT
from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.site.container import bound_to_loopback
from lab.azure.web.site.site import SiteError, State
from lab.clock.clock import Clock
from tests.lab.host.test_process_group import alive
from tests.support.demo_site import APP, SITE_ID, START, RecordingAzure, settings, start


def get(hosted: Hosted, path: str) -> requests.Response:
    return requests.get(f"{hosted.url}{path}", timeout=30)


def test_the_app_gets_its_settings_and_nothing_of_the_lab(
    service: AppService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_LAB", "hidden")
    hosted = service.add(settings(app_settings={"COLOUR": "green", "PORT": "1", "HOME": "/"}))
    start(hosted, tmp_path)
    told = get(hosted, "/").json()["environment"]
    assert "SECRET_OF_THE_LAB" not in told
    assert told["COLOUR"] == "green"
    assert told["PORT"] == str(hosted.site.port)
    assert told["HOME"] == str(hosted.site.folder / "home")
    assert told["WEBSITE_SITE_NAME"] == "demo"
    assert told["WEBSITE_HOSTNAME"] == "demo.azurewebsites.net"
    assert told["GUNICORN_CMD_ARGS"] == f"--bind 127.0.0.1:{hosted.site.port}"
    known = {
        *("COLOUR", "GUNICORN_CMD_ARGS", "HOME", "LANG", "LOGIN_MONITOR_LAB_CLOCK", "PATH"),
        *("PORT", "PWD", "PYTHONPATH", "TZ", "WEBSITE_HOSTNAME", "WEBSITE_SITE_NAME"),
    }
    assert set(told) <= known | {"LC_CTYPE", "OLDPWD", "SHLVL", "_"}


def test_the_app_lives_in_the_labs_time(azure: RecordingAzure, demo: Hosted) -> None:
    assert get(demo, "/").json()["time"] == START.timestamp()
    azure.clock.run_until(START + timedelta(hours=5))
    later = get(demo, "/")
    assert later.json()["time"] == (START + timedelta(hours=5)).timestamp()
    assert later.headers["Date"] == "Mon, 05 Jan 2026 12:30:00 GMT"


def test_a_line_is_there_as_soon_as_its_request_is_answered(
    azure: RecordingAzure, demo: Hosted
) -> None:
    for number in range(50):
        get(demo, f"/say/{number}")
        demo.site.drain()
        assert azure.said()[-1] == f"said /say/{number}"


def test_a_line_carries_the_time_at_which_it_was_said(azure: RecordingAzure, demo: Hosted) -> None:
    get(demo, "/say/early")
    azure.clock.run_until(START + timedelta(minutes=7))
    get(demo, "/say/late")
    demo.site.drain()
    times = {
        row["ResultDescription"]: row["TimeGenerated"] - START
        for row in azure.table("AppServiceConsoleLogs")
    }
    assert times["said /say/early"] == timedelta(0)
    assert times["said /say/late"] == timedelta(minutes=7)


def test_a_console_row_is_as_azure_writes_it(azure: RecordingAzure, demo: Hosted) -> None:
    get(demo, "/complain")
    demo.site.drain()
    row = azure.table("AppServiceConsoleLogs")[-1]
    assert row.pop("ContainerId").endswith("_demo")
    assert row == {
        "TimeGenerated": START,
        "Type": "AppServiceConsoleLogs",
        "Category": "AppServiceConsoleLogs",
        "OperationName": "Microsoft.Web/sites/log",
        "Level": "Error",
        "ResultDescription": "complaint",
        "Host": "lw0sdlwk00LAB1",
        "SourceSystem": "Azure",
        "_ResourceId": SITE_ID.lower(),
        "_SubscriptionId": "00000000-0000-0000-0000-000000000000",
    }


def test_an_app_that_writes_much_is_neither_blocked_nor_cut(
    azure: RecordingAzure, demo: Hosted
) -> None:
    assert get(demo, "/flood").status_code == 200
    demo.site.drain()
    assert azure.said() == ["x" * 99] * 40_000


def test_an_app_that_dies_is_restarted_while_its_visitors_wait(
    azure: RecordingAzure, demo: Hosted
) -> None:
    first = demo.site.group_id
    assert get(demo, "/die").status_code == 502
    assert get(demo, "/").status_code == 200
    assert demo.site.group_id not in (first, None)
    demo.site.drain()
    messages = [row["Message"] for row in azure.table("AppServicePlatformLogs")]
    assert "Container has finished running with exit code: 3." in messages
    assert messages.count("Container is running.") == 2


def test_three_deaths_at_start_are_told_with_the_last_words(
    azure: RecordingAzure, empty: Hosted, tmp_path: Path
) -> None:
    code = "import sys\nprint('about to read the key')\nsys.exit('SECRET_KEY is missing')\n"
    with pytest.raises(SiteError) as failure:
        start(empty, tmp_path, code)
    assert str(failure.value).splitlines() == [
        "site demo ended 3 times with exit code 1; its start-up command is expected to serve HTTP"
        " on $PORT (python app.py); it said last:",
        "  about to read the key",
        "  SECRET_KEY is missing",
    ]
    assert (empty.site.state, get(empty, "/").status_code) == (State.FAILED, 503)
    empty.site.drain()
    assert azure.said() == ["about to read the key", "SECRET_KEY is missing"] * 3


def test_an_app_that_never_answers_is_given_up(empty: Hosted, tmp_path: Path) -> None:
    empty.site.start_seconds = 0.5
    with pytest.raises(SiteError, match=r"site demo did not answer within 0\.5 s; .*\n  \(nothing"):
        start(empty, tmp_path, "import time\ntime.sleep(100)\n")
    assert empty.site.group_id is None


def test_a_command_that_is_not_there_is_told(service: AppService, tmp_path: Path) -> None:
    hosted = service.add(settings(command_line="gunicron wsgi:app"))
    with pytest.raises(SiteError, match="exit code 127"):
        start(hosted, tmp_path)


def test_new_settings_restart_the_app(demo: Hosted) -> None:
    demo.site.configure(replace(demo.site.settings, app_settings={"COLOUR": "blue"}))
    assert get(demo, "/").json()["environment"]["COLOUR"] == "blue"


def test_settings_that_the_app_cannot_start_with_are_taken_all_the_same(demo: Hosted) -> None:
    """Azure does not wait for the app: only whoever asks it learns that it is down."""
    demo.site.configure(replace(demo.site.settings, command_line="gunicron wsgi:app"))
    assert demo.site.state is State.FAILED
    assert get(demo, "/").status_code == 503


def test_another_runtime_does_not_find_the_packages_of_the_old_one(
    service: AppService, tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.17.0\n", encoding="utf-8")
    built = service.builder.build(tmp_path)
    old = settings(runtime="PYTHON|3.12")
    hosted = service.add(old)
    place = tmp_path / "code"
    place.mkdir()
    (place / "app.py").write_text(f"import six\n{APP}", encoding="utf-8")
    hosted.site.run(place, built)
    assert get(hosted, "/").status_code == 200
    hosted.site.configure(replace(old, runtime="PYTHON|3.13"))
    assert get(hosted, "/").status_code == 503
    assert "ModuleNotFoundError: No module named 'six'" in str(hosted.site.failure)
    hosted.site.run(place, built)
    assert get(hosted, "/").status_code == 200, "built again, for the runtime that it has now"


def test_a_site_made_anew_is_empty(service: AppService, tmp_path: Path) -> None:
    hosted = service.add(settings())
    start(hosted, tmp_path)
    home = Path(get(hosted, "/").json()["environment"]["HOME"])
    (home / "login.db").touch()
    service.remove("demo")
    again = service.add(settings())
    welcome = get(again, "/health")
    assert welcome.status_code == 200, "which is why 200 alone proves nothing"
    assert "waiting for your content" in welcome.text
    assert not (home / "login.db").exists()


def test_published_data_outlives_a_restart(demo: Hosted) -> None:
    home = Path(get(demo, "/").json()["environment"]["HOME"])
    (home / "login.db").touch()
    demo.site.configure(replace(demo.site.settings, app_settings={"COLOUR": "blue"}))
    assert get(demo, "/").json()["environment"]["HOME"] == str(home)
    assert (home / "login.db").exists()


def test_the_same_settings_do_not_disturb_the_app(demo: Hosted) -> None:
    before = demo.site.group_id
    demo.site.configure(replace(demo.site.settings))
    assert demo.site.group_id == before


def test_a_closed_site_starts_nothing_more(demo: Hosted, tmp_path: Path) -> None:
    demo.site.close()
    with pytest.raises(SiteError, match="the lab is closing"):
        start(demo, tmp_path)
    assert demo.site.group_id is None


def test_an_app_that_cannot_even_be_tried_is_told(empty: Hosted, tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="site demo cannot be run; FileNotFoundError"):
        empty.site.run(tmp_path / "nowhere", empty.site.builder.image())


def test_a_lab_that_just_stops_takes_its_apps_with_it(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from tests.support.demo_site import START, RecordingAzure, settings, start
from lab.azure.web.app_service import AppService
from lab.clock.clock import Clock
folder = Path({str(tmp_path)!r})
azure = RecordingAzure(Clock(START), state_dir=folder / "state").start()
hosted = azure.service(AppService).add(settings())
start(hosted, folder)
print(hosted.site.group_id)
raise SystemExit("forgot to stop")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.startswith("forgot to stop\n")
    assert alive(int(done.stdout)) == []


@pytest.mark.parametrize(
    ("written", "run"),
    [
        ("gunicorn wsgi:app", "gunicorn wsgi:app"),
        ("gunicorn --bind=0.0.0.0:8000 wsgi:app", "gunicorn --bind=127.0.0.1:81 wsgi:app"),
        ("gunicorn --bind 0.0.0.0 --timeout 9 a", "gunicorn --bind 127.0.0.1:81 --timeout 9 a"),
        ("gunicorn -b '[::]:80' wsgi:app", "gunicorn -b 127.0.0.1:81 wsgi:app"),
        ("gunicorn -b :8000 wsgi:app", "gunicorn -b 127.0.0.1:81 wsgi:app"),
        ("python run.py --bindings x", "python run.py --bindings x"),
    ],
)
def test_no_start_up_command_opens_a_port_to_others(written: str, run: str) -> None:
    assert bound_to_loopback(written, 81) == run


def test_nothing_is_left_after_the_end(tmp_path: Path) -> None:
    with RecordingAzure(Clock(START), state_dir=tmp_path / "state") as azure:
        service = azure.service(AppService)
        hosted = service.add(settings())
        start(hosted, tmp_path)
        group, ports = hosted.site.group_id, _ports(service, hosted)
        assert all(_listens(port) for port in ports)
    assert group is not None
    assert alive(group) == []
    assert [port for port in ports if _listens(port)] == []
    assert "Site: demo stopped." in _platform(azure, hosted)


def test_nothing_is_left_after_an_error(tmp_path: Path) -> None:
    groups: list[int | None] = []

    def fail_in_the_middle() -> None:
        with RecordingAzure(Clock(START), state_dir=tmp_path / "state") as azure:
            hosted = azure.service(AppService).add(settings())
            start(hosted, tmp_path)
            groups.append(hosted.site.group_id)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_in_the_middle()
    assert groups[0] is not None
    assert alive(groups[0]) == []


def test_a_site_can_be_ended_while_it_starts(tmp_path: Path) -> None:
    with RecordingAzure(Clock(START), state_dir=tmp_path / "state") as azure:
        hosted = azure.service(AppService).add(settings())
        folder = tmp_path / "code"
        folder.mkdir()
        (folder / "app.py").write_text("import time\ntime.sleep(100)\n")
        image = hosted.site.builder.image()
        starting = threading.Thread(target=hosted.site.run, args=(folder, image))
        starting.start()
        while (group := hosted.site.group_id) is None:
            starting.join(0.01)
    starting.join(10)
    assert not starting.is_alive()
    assert alive(group) == []


def _ports(service: AppService, hosted: Hosted) -> list[int]:
    edge = service.edge
    own = int(hosted.url.rpartition(":")[2])
    return [own, edge.proxy_port, *edge._ports.values(), edge._token_port, hosted.site.port or 0]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _platform(azure: RecordingAzure, hosted: Hosted) -> list[str]:
    hosted.site.drain()
    return [str(row["Message"]) for row in azure.table("AppServicePlatformLogs")]
