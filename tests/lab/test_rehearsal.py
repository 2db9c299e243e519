"""Real rehearsals: the app runs, is attacked, and the verdict is held against what happened."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from components import detection
from lab.azure.log_tables import LogTables
from lab.inbox import Received
from lab.rehearsal import START, Options, Rehearsal
from lab.report import terminal
from lab.run_folder import BusyError
from lab.verbs.rehearse import write

SLUGS = sorted(detection.load_all())
LEAST_ORDINARY_REQUESTS = 2_000
LATER = START + timedelta(days=2)


@dataclass
class Witness:
    """What a test saw of a run, beside its report."""

    report: dict[str, Any]
    page: str
    terminal: str
    rows: dict[str, int]
    addresses: Counter[str]
    """Requests by client address, as the front end logged them."""
    attackers: set[str]
    received: list[Received]
    secrets: list[str]
    told: list[str] = field(default_factory=list)


def rehearse(state: Path, **options: Any) -> Witness:
    """A rehearsal in this process, its parts counted by other means than the report's."""
    told: list[str] = []
    asked = Options(state=state, progress=lambda what, _: told.append(what), **options)
    with Rehearsal(asked) as rehearsal:
        found = rehearsal.run()
        write(found, rehearsal.attacks, state / "report")
        console = Console(width=80, record=True, file=(state / "terminal").open("w"))
        terminal.show(found, console)
        console.file.close()
        secrets = [person.password for person in rehearsal.people]
        received = rehearsal.inbox.messages
    (file,) = (state / "run").glob("*.duckdb")
    tables = LogTables(file, read_only=True)
    clients = tables.query("AppServiceHTTPLogs | summarize N = count() by CIp", LATER).rows
    rows = {name: tables.count(name) for name in tables.columns if tables.count(name)}
    tables.close()
    return Witness(
        report=json.loads((state / "report" / "report.json").read_text(encoding="utf-8")),
        page=(state / "report" / "report.html").read_text(encoding="utf-8"),
        terminal=console.export_text(),
        rows=rows,
        addresses=Counter({each["CIp"]: each["N"] for each in clients}),
        attackers={each for attack in rehearsal.attacks for each in attack.scenario.sources},
        received=received,
        secrets=secrets,
        told=list(dict.fromkeys(told)),
    )


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Witness:
    """One lab hour of everything."""
    return rehearse(tmp_path_factory.mktemp("hour"))


def lines(witness: Witness, expected: str) -> dict[str, dict[str, Any]]:
    found = witness.report["detections"]
    return {each["slug"]: each for each in found if each["expected"] == expected}


def test_every_detection_fires_for_its_attack(hour: Witness) -> None:
    found = lines(hour, "fires")
    assert sorted(found) == SLUGS
    assert {slug: each["reason"] for slug, each in found.items() if each["reason"]} == {}
    assert all(each["fired"] and each["verdict"] == "pass" for each in found.values())


def test_ordinary_users_raise_no_alert(hour: Witness) -> None:
    found = lines(hour, "silent")
    assert sorted(found) == SLUGS
    assert not any(each["fired"] for each in found.values())
    assert hour.report["false_alerts"] == []
    assert hour.report["figures"]["ordinary_requests"] >= LEAST_ORDINARY_REQUESTS


def test_every_alert_is_delivered_by_mail_and_by_webhook(hour: Witness) -> None:
    for alert in hour.report["alerts"]:
        fired = [each for each in alert["delivered"] if each["condition"] == "Fired"]
        assert {(each["kind"], each["status"]) for each in fired} == {
            ("email", "delivered"),
            ("webhook", "delivered"),
        }, alert["slug"]


def test_every_delivery_of_the_report_lies_in_the_inbox(hour: Witness) -> None:
    told = Counter(
        (each["kind"], each["at"])
        for alert in hour.report["alerts"]
        for each in alert["delivered"]
        if each["status"] == "delivered"
    )
    got = Counter((each.kind, each.at.strftime("%Y-%m-%dT%H:%M:%SZ")) for each in hour.received)
    assert got == told


def test_webhooks_tell_the_same_of_an_alert_as_the_report(hour: Witness) -> None:
    told = {
        (alert["fired_at"], tuple(sorted(alert["dimensions"].items())))
        for alert in hour.report["alerts"]
    }
    got = set()
    for message in hour.received:
        if message.payload is None:
            continue
        data = message.payload["data"]
        condition = data["alertContext"]["condition"]["allOf"][0]
        dimensions = {each["name"]: each["value"] for each in condition["dimensions"]}
        fired = data["essentials"]["firedDateTime"][:19] + "Z"
        got.add((fired, tuple(sorted(dimensions.items()))))
    assert got == told


def test_no_alert_is_sooner_than_is_possible_and_none_misses_its_first_chance(
    hour: Witness,
) -> None:
    for alert in hour.report["alerts"]:
        latency, least = alert["latency_s"], alert["least_s"]
        assert least >= timedelta(minutes=3).total_seconds(), alert
        assert latency == least, alert
        assert alert["delivery_s"] >= latency, alert


def test_the_rows_of_the_report_are_those_of_the_tables(hour: Witness) -> None:
    assert hour.report["figures"]["rows"] == sum(hour.rows.values())
    assert hour.rows["AppServiceHTTPLogs"] >= hour.report["figures"]["requests"]


def test_the_requests_of_the_report_are_those_in_the_front_ends_log(hour: Witness) -> None:
    figures = hour.report["figures"]
    outside = {each: count for each, count in hour.addresses.items() if each != "127.0.0.1"}
    by_attackers = sum(count for each, count in outside.items() if each in hour.attackers)
    assert figures["attack_requests"] == by_attackers
    assert figures["ordinary_requests"] == sum(outside.values()) - by_attackers
    assert figures["requests"] == sum(outside.values())


def test_the_lab_time_of_the_report_covers_traffic_and_alerts(hour: Witness) -> None:
    end = START + timedelta(seconds=hour.report["figures"]["virtual_s"])
    times = [each[key] for each in hour.report["alerts"] for key in ("fired_at", "resolved_at")]
    last = max(datetime.fromisoformat(each) for each in times if each)
    assert START + timedelta(hours=1) < last <= end
    assert hour.report["figures"]["wall_s"] > 0


def test_the_resources_of_the_report_are_what_the_program_makes(hour: Witness) -> None:
    kinds = Counter(each["type"].rpartition(":")[2] for each in hour.report["resources"])
    assert kinds["ScheduledQueryRule"] == len(SLUGS)
    assert kinds["Workspace"] == kinds["WebApp"] == kinds["DiagnosticSetting"] == 1


def test_all_requests_are_answered_and_everything_is_modelled(hour: Witness) -> None:
    assert hour.report["notices"] == []


def test_nothing_that_is_shown_holds_a_password(hour: Witness) -> None:
    bodies = " ".join(each.body for each in hour.received)
    for shown in (json.dumps(hour.report), hour.page, hour.terminal, bodies):
        assert [secret for secret in hour.secrets if secret in shown] == []


def test_the_page_shows_every_alert_and_every_message(hour: Witness) -> None:
    for alert in hour.report["alerts"]:
        assert alert["fired_at"][11:19] in hour.page
    assert len(re.findall(r"<details><summary><span", hour.page)) == len(hour.received)


def test_the_verdict_fits_a_terminal_of_80_columns(hour: Witness) -> None:
    assert max(len(line.rstrip()) for line in hour.terminal.splitlines()) <= 80
    for slug in SLUGS:
        assert slug in hour.terminal


def test_the_stages_of_a_run_are_told_in_order(hour: Witness) -> None:
    words = [each.split()[0] for each in hour.told]
    assert words == ["deploying", "rehearsing", "judging"]


def test_a_run_leaves_the_folder_to_nobody_else(tmp_path: Path) -> None:
    with Rehearsal(Options(state=tmp_path)):
        kept = tmp_path / "run" / "rows"
        kept.write_text("of the first run")
        with pytest.raises(BusyError, match="another rehearsal"):
            Rehearsal(Options(state=tmp_path))
        assert kept.exists()
    with Rehearsal(Options(state=tmp_path)):
        assert not kept.exists()
