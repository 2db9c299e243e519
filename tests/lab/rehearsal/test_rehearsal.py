"""Real rehearsals: the app runs, is attacked, and the verdict is held against what happened."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from components.content import detection
from components.limits.refusal import RefusedError
from lab.azure.applicationinsights.availability import USER_AGENT
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.azure.monitor.log_search.evaluator import Evaluator
from lab.azure.monitor.notify.inbox import Received
from lab.clock.ticks import next_tick
from lab.logs.log_tables import LogTables
from lab.play.timetable import Appearance
from lab.rehearsal.rehearsal import START, Options, Rehearsal
from lab.report import terminal, voice
from lab.report.model import stamp
from lab.verbs.report_files import write
from traffic.action import Action
from traffic.scenario import Scenario

# What the stack fills a table for: everything but the database's log.
CONFIG = {"activityLog": "true", "dailyCapGb": "5"}
DEPLOYED = {
    slug: each
    for slug, each in detection.load_all().items()
    if "PGSQLServerLogs" not in each.tables
}
SLUGS = sorted(slug for slug, each in DEPLOYED.items() if not each.is_dynamic)
LEARNED = sorted(slug for slug, each in DEPLOYED.items() if each.is_dynamic)
LEAST_ORDINARY_REQUESTS = 2_000
LATER = START + timedelta(days=2)
BEFORE_START = START - timedelta(microseconds=1)
MAILS_PER_HOUR = 100
"""To one address; Microsoft, "Service limits for Azure Monitor"."""
INVENTED = "JEFF"
"""No method of HTTP: the front end refuses it before it writes a row."""


@dataclass
class Witness:
    """What a test saw of a run, beside its report."""

    report: dict[str, Any]
    page: str
    terminal: str
    rows: dict[str, int]
    """By table; those of the day before are left out."""
    addresses: Counter[str]
    """Visitors' requests by client address, as the front end logged them."""
    attackers: set[str]
    refused: int
    """Requests that the front end cannot read."""
    received: list[Received]
    secrets: list[str]
    told: list[str] = field(default_factory=list)
    one_by_one: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    """The alerts of the same rules over the same rows, each evaluation a statement of its own."""


def rehearse(state: Path, **options: Any) -> Witness:
    """A rehearsal in this process, its parts counted by other means than the report's."""
    told: list[str] = []
    asked = Options(state=state, progress=lambda what, _: told.append(what), **options)
    with Rehearsal(asked) as rehearsal:
        found = rehearsal.run()
        write(found, rehearsal.attacks, state / "report")
        console = Console(width=80, record=True, file=(state / "terminal").open("w"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(voice, "out", console)
            terminal.show(found)
        console.file.close()
        secrets = [person.password for person in rehearsal.people]
        received = rehearsal.inbox.messages
        ended = rehearsal.clock.now
        rules = [each.rule for each in rehearsal.azure.service(Evaluator).runners.values()]
    (file,) = (state / "run").glob("*.duckdb")
    tables = LogTables(file, read_only=True)
    visits = f"AppServiceHTTPLogs | where UserAgent != '{USER_AGENT}'"
    asked_by = f"{visits} | summarize N = count() by CIp"
    clients = tables.query(asked_by, LATER, BEFORE_START).rows
    rows = {
        name: tables.query(f"{name} | count", LATER, BEFORE_START).rows[0]["Count"]
        for name in tables.columns
    }
    alerts = [each for rule in rules for each in one_by_one(rule, tables, ended)]
    tables.close()
    return Witness(
        report=json.loads((state / "report" / "report.json").read_text(encoding="utf-8")),
        page=(state / "report" / "report.html").read_text(encoding="utf-8"),
        terminal=console.export_text(),
        rows=rows,
        addresses=Counter({each["CIp"]: each["N"] for each in clients}),
        attackers={each for attack in rehearsal.attacks for each in attack.scenario.sources},
        refused=len([each for each in sent_by(rehearsal.attacks) if each.method == INVENTED]),
        received=received,
        secrets=secrets,
        told=list(dict.fromkeys(told)),
        one_by_one=Counter(map(seen, alerts)),
    )


def sent_by(attacks: Sequence[Appearance]) -> Iterator[Action]:
    for attack in attacks:
        if isinstance(attack.scenario, Scenario):
            yield from attack.scenario.actions


def one_by_one(rule: AlertRule, tables: LogTables, until: datetime) -> list[Alert]:
    """What fires when every tick is evaluated for itself."""
    alerts: list[Alert] = []
    runner = AlertRuleRunner(
        rule, tables, lambda alert, condition: alerts.append(alert) if condition == "Fired" else 0
    )
    tick = next_tick(START, rule.frequency)
    while tick <= until:
        runner.tick(tick)
        tick += rule.frequency
    return alerts


def seen(alert: Alert) -> tuple[Any, ...]:
    slug = alert.rule.custom_properties.get("detection")
    fired, resolved = stamp(alert.fired_at), alert.resolved_at and stamp(alert.resolved_at)
    return slug, fired, resolved, alert.value, str(dict(alert.dimensions))


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Witness:
    """One lab hour of everything."""
    return rehearse(tmp_path_factory.mktemp("hour"), config=CONFIG)


def lines(witness: Witness, expected: str) -> dict[str, dict[str, Any]]:
    found = witness.report["detections"]
    return {each["slug"]: each for each in found if each["expected"] == expected}


def every_alert(witness: Witness) -> list[dict[str, Any]]:
    """Those of detections, then those of the platform's rules; mails of both share one limit."""
    return [*witness.report["alerts"], *witness.report["platform_alerts"]]


def test_every_detection_fires_for_its_attack(hour: Witness) -> None:
    found = lines(hour, "fires")
    lacking = found.pop("database_sign_in_failures")
    assert (lacking["verdict"], lacking["reason"]) == (
        "not rehearsed",
        "needs a database; this stack has none",
    )
    learned = {slug: found.pop(slug) for slug in LEARNED}
    assert {each["verdict"] for each in learned.values()} == {"not rehearsed"}
    assert not any(each["fired"] for each in learned.values())
    assert sorted(found) == SLUGS
    assert {slug: each["reason"] for slug, each in found.items() if each["reason"]} == {}
    assert all(each["fired"] and each["verdict"] == "pass" for each in found.values())


def test_ordinary_users_raise_no_alert(hour: Witness) -> None:
    found = lines(hour, "silent")
    assert sorted(found) == SLUGS
    assert not any(each["fired"] for each in found.values())
    assert hour.report["false_alerts"] == []
    assert hour.report["figures"]["ordinary_requests"] >= LEAST_ORDINARY_REQUESTS


def test_every_alert_is_delivered_by_webhook_and_by_mail_up_to_its_limit(hour: Witness) -> None:
    assert len(list(every_alert(hour))) > 40
    for alert in every_alert(hour):
        fired = [each for each in alert["delivered"] if each["condition"] == "Fired"]
        assert sorted(each["kind"] for each in fired) == ["email", "webhook"], alert["slug"]
        ended = {each["kind"]: each["status"] for each in fired}
        assert ended["webhook"] == "delivered", alert["slug"]
        assert ended["email"] in {"delivered", "suppressed"}, alert["slug"]


def test_mails_are_suppressed_only_when_a_hundred_went_out_within_the_hour(hour: Witness) -> None:
    messages = [each for alert in every_alert(hour) for each in alert["delivered"]]
    mails = [each for each in messages if each["kind"] == "email"]
    sent = [datetime.fromisoformat(each["at"]) for each in mails if each["status"] == "delivered"]
    assert {each["receiver"] for each in mails} == {mails[0]["receiver"]}, "the limit is for each"
    for mail in mails:
        at = datetime.fromisoformat(mail["at"])
        within = [each for each in sent if at - timedelta(hours=1) < each <= at]
        assert len(within) <= MAILS_PER_HOUR
        assert mail["status"] == "delivered" or len(within) == MAILS_PER_HOUR, mail


def test_every_delivery_of_the_report_lies_in_the_inbox(hour: Witness) -> None:
    told = Counter(
        (each["kind"], each["at"])
        for alert in every_alert(hour)
        for each in alert["delivered"]
        if each["status"] == "delivered"
    )
    got = Counter((each.kind, each.at.strftime("%Y-%m-%dT%H:%M:%SZ")) for each in hour.received)
    assert got == told


def test_webhooks_tell_the_same_of_an_alert_as_the_report(hour: Witness) -> None:
    told = {
        (f"Sev{alert['severity']}", alert["fired_at"], tuple(sorted(alert["dimensions"].items())))
        for alert in every_alert(hour)
    }
    got = set()
    for message in hour.received:
        if message.payload is None:
            continue
        data = message.payload["data"]
        essentials, dimensions = data["essentials"], {}
        if essentials["signalType"] != "Activity Log":
            condition = data["alertContext"]["condition"]["allOf"][0]
            dimensions = {each["name"]: each["value"] for each in condition["dimensions"]}
        fired = essentials["firedDateTime"][:19] + "Z"
        got.add((essentials["severity"], fired, tuple(sorted(dimensions.items()))))
    assert got == told


def test_no_alert_is_sooner_than_is_possible_and_none_misses_its_first_chance(
    hour: Witness,
) -> None:
    assert len(hour.report["alerts"]) > 40
    for alert in hour.report["alerts"]:
        latency, least = alert["latency_s"], alert["least_s"]
        if alert["slug"] != alert["scenario"]:
            assert latency is None, "only a detection's own attack is timed"
            continue
        if alert["slug"] == "no_log_lines":
            assert latency is None, "no row made it fire"
            continue
        if alert["slug"] == "ingestion_delay":
            assert latency > least, "its rows are later than all others"
            continue
        assert least >= timedelta(minutes=3).total_seconds(), alert
        assert latency == least, alert
        assert alert["delivery_s"] >= latency, alert


def test_rules_asked_tick_by_tick_give_the_same_alerts_at_the_same_times(hour: Witness) -> None:
    told = Counter(
        (
            each["slug"],
            each["fired_at"],
            each["resolved_at"],
            each["value"],
            str(each["dimensions"]),
        )
        for each in hour.report["alerts"]
    )
    assert hour.one_by_one == told


def test_the_rows_of_the_report_are_those_of_the_tables(hour: Witness) -> None:
    assert hour.report["figures"]["rows"] == sum(hour.rows.values())
    assert hour.rows["AppServiceHTTPLogs"] >= hour.report["figures"]["requests"]


def test_the_requests_of_the_report_are_those_in_the_front_ends_log(hour: Witness) -> None:
    figures = hour.report["figures"]
    outside = {each: count for each, count in hour.addresses.items() if each != "127.0.0.1"}
    by_attackers = sum(count for each, count in outside.items() if each in hour.attackers)
    # In faults ordinary people knock, too.
    assert figures["attack_requests"] >= by_attackers
    look_at_the_sign_in_page = 1  # before the hour, by the owner's monitor
    assert figures["requests"] - hour.refused == sum(outside.values()) - look_at_the_sign_in_page


def test_the_lab_time_of_the_report_covers_traffic_and_alerts(hour: Witness) -> None:
    end = START + timedelta(seconds=hour.report["figures"]["virtual_s"])
    times = [each[key] for each in hour.report["alerts"] for key in ("fired_at", "resolved_at")]
    last = max(datetime.fromisoformat(each) for each in times if each)
    assert START + timedelta(hours=1) < last <= end
    assert hour.report["figures"]["wall_s"] > 0


def test_the_resources_of_the_report_are_what_the_program_makes(hour: Witness) -> None:
    kinds = Counter(each["type"].rpartition(":")[2] for each in hour.report["resources"])
    assert kinds["ScheduledQueryRule"] == len(DEPLOYED)
    assert kinds["Workspace"] == kinds["WebApp"] == kinds["DiagnosticSetting"] == 1


def test_all_requests_are_answered_and_all_is_modelled_but_rules_that_cannot_be_measured(
    hour: Witness,
) -> None:
    notices = hour.report["notices"]
    assert all(each.startswith("recorded only, not evaluated: ") for each in notices)
    assert sorted(each.rpartition("; ")[2] for each in notices) == [
        "dynamic thresholds need 3 days of history",
        "their metrics are not measured here",
    ]


def test_nothing_that_is_shown_holds_a_password(hour: Witness) -> None:
    assert len(hour.secrets) > 10
    bodies = " ".join(each.body for each in hour.received)
    for shown in (json.dumps(hour.report), hour.page, hour.terminal, bodies):
        assert [secret for secret in hour.secrets if secret in shown] == []


def test_the_page_shows_every_alert_and_a_message_of_each_kind(hour: Witness) -> None:
    for alert in hour.report["alerts"]:
        assert alert["fired_at"][11:19] in hour.page
    kinds = {
        (alert["slug"], delivery["kind"])
        for alert in every_alert(hour)
        for delivery in alert["delivered"]
        if delivery["status"] == "delivered"
    }
    assert len(re.findall(r"<details><summary><span", hour.page)) == len(kinds)
    assert len(hour.page) < 1_500_000


def test_the_verdict_fits_a_terminal_of_80_columns(hour: Witness) -> None:
    table = hour.terminal.partition("+: lab time")[0]
    assert max(len(line.rstrip()) for line in table.splitlines()) <= 80
    for slug in SLUGS:
        assert slug in hour.terminal


def test_the_stages_of_a_run_are_told_in_order(hour: Witness) -> None:
    words = [each.split()[0] for each in hour.told]
    assert words == ["deploying", "rehearsing", "evaluating", "judging"]


def test_a_run_leaves_the_folder_to_nobody_else(tmp_path: Path) -> None:
    with Rehearsal(Options(state=tmp_path)):
        kept = tmp_path / "run" / "rows"
        kept.write_text("of the first run")
        with pytest.raises(RefusedError, match="another rehearsal"):
            Rehearsal(Options(state=tmp_path))
        assert kept.exists()
    with Rehearsal(Options(state=tmp_path)):
        assert not kept.exists()
