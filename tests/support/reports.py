"""Reports to show: a good one, and one whose names were chosen by somebody hostile."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lab.report.model import (
    AlertEntry,
    DeliveryEntry,
    DetectionEntry,
    Message,
    Minute,
    Report,
    Verdict,
    ViolationEntry,
)

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
FIRED = START + timedelta(minutes=10)
SLUG = "brute_force_from_one_address"
HOSTILE = (
    "</pre><script>alert(1)</script>",
    '"><img src=http://203.0.113.1/x onerror=alert(1)>',
    "[/][bold red]{{ 7 * 7 }}",
    "a\x1b[2Jb\x07\u202ec\nd",
    "x" * 300,
)


def delivery(status: str = "delivered", condition: str = "Fired") -> DeliveryEntry:
    return DeliveryEntry("webhook", "soc", condition, FIRED + timedelta(seconds=1), status)


def alert(name: str = "203.0.113.7", scenario: str | None = SLUG) -> AlertEntry:
    return AlertEntry(
        slug=SLUG,
        dimensions={"SrcIpAddr": name},
        severity=2,
        fired_at=FIRED,
        resolved_at=FIRED + timedelta(minutes=30),
        value=49.0,
        delivered=(delivery(), delivery("failed", "Resolved")),
        scenario=scenario,
        latency_s=271.0,
        delivery_s=272.0,
        least_s=271.0,
    )


def line(
    expected: str, alerts: tuple[AlertEntry, ...] = (), verdict: Verdict = "pass", reason: str = ""
) -> DetectionEntry:
    if expected == "fires":
        return DetectionEntry(SLUG, SLUG, "fires", alerts, verdict, reason)
    return DetectionEntry(SLUG, "ordinary", "silent", alerts, verdict, reason)


def report(name: str = "203.0.113.7") -> Report:
    """One detection that did what was expected of it."""
    fired = alert(name)
    return Report(
        engine="inprocess",
        stack="local",
        started=START,
        ended=START + timedelta(hours=2),
        resources=[{"type": "azure-native:web:WebApp", "name": "site", "id": "/sites/site"}],
        detections=[line("fires", (fired,)), line("silent")],
        alerts=[fired],
        false_alerts=[],
        figures={"rows": 3148, "requests": 2715, "virtual_s": 7200, "wall_s": 41.5},
        messages=[Message("webhook", FIRED, f"/{name}", f"Fired {name}", f'{{"who": "{name}"}}')],
        minutes=[Minute(START + timedelta(minutes=each), 20, each, 3, 4) for each in range(60)],
    )


def failed(name: str = "203.0.113.7") -> Report:
    """The attack went unnoticed, and somebody innocent was accused."""
    wrong = alert(name, None)
    reason = f"below the threshold for {name}"
    return replace(
        report(name),
        detections=[
            line("fires", (), "fail", reason),
            line("silent", (wrong,), "fail", "a false alert: no attack explains it"),
        ],
        alerts=[wrong],
        false_alerts=[wrong],
        notices=[f"1 requests got no answer; the first: {name}"],
    )


def replayed(name: str = "203.0.113.7") -> Report:
    """As `lab replay` has it: alerts without a verdict."""
    return replace(report(name), detections=[], alerts=[alert(name, None)], minutes=(), messages=())


def priced(name: str = "203.0.113.7") -> Report:
    """With a bill, and with what the policy pack had to say."""
    idea = {"change": f"smaller {name}", "loses": "power", "saves": 6.0, "monthly": 6.41}
    cost = {
        "currency": "USD",
        "monthly": 12.41,
        "monthly_after_free_grants": 11.0,
        "prices_read": "2026-11-21",
        "usage": {
            "users": 200,
            "requests_a_day": 4800.0,
            "sign_ins_a_day": 400.0,
            "alerts_a_month": 30,
        },
        "summed": [
            {"item": f"plan {name}", "count": 1, "monthly": 12.41},
            {"item": "e-mails", "count": 2, "monthly": 0.0001},
        ],
        "unpriced": [{"resource": name, "item": "storage", "reason": "no price"}],
        "unconfirmed": ["logic_app_action"],
        "suggestions": [idea],
        "summary": "a month in Azure: about 12.41 USD",
    }
    broken = ViolationEntry("a-rule", "mandatory", name, f"{name} is open; close it (a-rule)")
    advised = ViolationEntry("another", "advisory", name, f"{name} is short; keep it (another)")
    return replace(report(name), cost=cost, violations=[broken, advised], rules_held=9)
