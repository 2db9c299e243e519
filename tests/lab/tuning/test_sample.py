"""The sample of log rows that ships is found to be what its name says."""

from components.content import detection
from components.content.places import ROOT
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.tuning.replay import replay

SLUGS = (
    "brute_force_from_one_address",
    "no_log_lines",
    "sql_injection_probe",
    "client_error_burst",
)


def test_the_sample_is_replayed_and_what_it_lacks_is_not_judged() -> None:
    rules = [AlertRule.from_detection(detection.load(slug)) for slug in SLUGS]
    with (ROOT / "examples" / "logs" / "guessing.jsonl").open("rb") as lines:
        found = replay(lines, rules)
    assert found.refused == []
    assert {alert.rule.name for alert in found.alerts} == {"brute_force_from_one_address"}
    assert set(found.not_judged) == {"sql_injection_probe", "client_error_burst"}
