"""The form of report.json, which other programs read."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.reports import SLUG, failed, priced, replayed, report

DELIVERED = {
    "kind": "webhook",
    "receiver": "soc",
    "condition": "Fired",
    "at": "2026-01-05T07:40:01Z",
    "status": "delivered",
}
RESOLVED = {**DELIVERED, "condition": "Resolved", "status": "failed"}


def loaded(text: str) -> Any:
    return json.loads(text)


def test_the_form_is_version_1_with_these_keys_in_this_order() -> None:
    assert list(loaded(report().dumps())) == [
        "version",
        "engine",
        "stack",
        "resources",
        "detections",
        "alerts",
        "false_alerts",
        "platform_alerts",
        "figures",
        "notices",
        "violations",
        "digests",
        "coverage",
    ]
    assert loaded(report().dumps())["version"] == 1


def test_a_detection_tells_expectation_alerts_and_verdict() -> None:
    fires, silent = loaded(report().dumps())["detections"]
    assert fires == {
        "slug": SLUG,
        "scenario": SLUG,
        "expected": "fires",
        "fired": True,
        "alerts": [
            {
                "dimensions": {"SrcIpAddr": "203.0.113.7"},
                "fired_at": "2026-01-05T07:40:00Z",
                "latency_s": 271.0,
                "delivered": [DELIVERED, RESOLVED],
            }
        ],
        "verdict": "pass",
        "reason": "",
    }
    assert silent == {
        "slug": SLUG,
        "scenario": "ordinary",
        "expected": "silent",
        "fired": False,
        "alerts": [],
        "verdict": "pass",
        "reason": "",
    }


def test_an_alert_tells_for_whom_and_when_and_where_it_went() -> None:
    (alert,) = loaded(report().dumps())["alerts"]
    assert alert == {
        "slug": SLUG,
        "dimensions": {"SrcIpAddr": "203.0.113.7"},
        "severity": 2,
        "value": 49.0,
        "fired_at": "2026-01-05T07:40:00Z",
        "resolved_at": "2026-01-05T08:10:00Z",
        "latency_s": 271.0,
        "delivery_s": 272.0,
        "least_s": 271.0,
        "scenario": SLUG,
        "delivered": [DELIVERED, RESOLVED],
    }


def test_resources_and_figures_have_their_keys() -> None:
    found = loaded(report().dumps())
    assert [set(each) for each in found["resources"]] == [{"type", "name", "id"}]
    assert {"rows", "requests", "virtual_s", "wall_s"} <= set(found["figures"])


def test_a_replay_has_the_same_form_with_no_detections() -> None:
    found = loaded(replayed().dumps())
    assert list(found) == list(loaded(report().dumps()))
    assert found["detections"] == []
    assert len(found["alerts"]) == 1


@pytest.mark.parametrize("name", ["søren.rossi", "日本", "a\x1b[2J", '"\\'])
def test_names_come_back_as_they_were(name: str) -> None:
    (alert,) = loaded(report(name).dumps())["alerts"]
    assert alert["dimensions"] == {"SrcIpAddr": name}


def test_a_failed_line_or_a_false_alert_fails_the_whole() -> None:
    assert report().passed
    assert not failed().passed


def test_a_bill_is_added_where_there_is_one() -> None:
    assert loaded(priced().dumps())["cost"]["monthly"] == 12.41
    assert "cost" not in loaded(replayed().dumps())


def test_rules_held_are_counted_where_there_were_resources() -> None:
    assert loaded(priced().dumps())["rules_held"] == 9
    assert "rules_held" not in loaded(replayed().dumps())


def test_a_broken_mandatory_policy_fails_a_rehearsal_an_advisory_one_does_not() -> None:
    broken, advised = priced().violations
    assert not priced().passed
    assert replace(priced(), violations=[advised]).passed
    assert report().passed
    assert [each["rule"] for each in loaded(priced().dumps())["violations"]] == [
        broken.rule,
        advised.rule,
    ]
