"""Detections as analytics rules in YAML, and back again."""

import uuid
from pathlib import Path

import pytest
import yaml

from components.content import analytics_rule, detection, kql_function
from components.limits.alert_rule import duration
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.exchange import sentinel_file, sentinel_import, sentinel_rule
from lab.tuning.replay import replay
from lab.verbs import export

ALL = detection.load_all()
RULES, REFUSED = analytics_rule.carried_over(ALL.values())


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sentinel")
    export.run("sentinel", folder, [], stack="local", replace=False)
    return folder


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_a_rule_has_the_keys_of_the_form(rule: analytics_rule.AnalyticsRule) -> None:
    found = yaml.safe_load(sentinel_rule.text(rule, ALL[rule.slug]))
    assert list(found)[:12] == [
        *("id", "name", "description", "severity", "requiredDataConnectors", "queryFrequency"),
        *("queryPeriod", "triggerOperator", "triggerThreshold", "tactics", "relevantTechniques"),
        "query",
    ]
    assert {"entityMappings", "customDetails", "version", "kind"} >= set(found) - {
        *list(found)[:12],
        *("alertDetailsOverride", "eventGroupingSettings", "incidentConfiguration"),
    }
    assert (found["triggerOperator"], found["triggerThreshold"]) == ("gt", 0)
    assert found["kind"] == "Scheduled"
    assert found["relevantTechniques"] == list(ALL[rule.slug].attack)
    assert found["query"].splitlines()[-1].startswith(f"| where {analytics_rule.MEASURED} ")
    assert sentinel_file.span(found["queryPeriod"]) == duration(rule.query_period)


def test_ids_are_guids_that_stay_and_differ() -> None:
    ids = [sentinel_rule.rule_id(slug) for slug in ALL]
    assert len(set(ids)) == len(ids)
    assert ids == [sentinel_rule.rule_id(slug) for slug in ALL]
    assert all(str(uuid.UUID(each)) == each for each in ids)


@pytest.mark.parametrize(
    ("iso", "expected"), [("PT5M", "5m"), ("PT2H", "2h"), ("P1D", "1d"), ("P2D", "2d")]
)
def test_durations_are_written_as_timespans(iso: str, expected: str) -> None:
    assert sentinel_rule.timespan(iso) == expected


@pytest.mark.parametrize("slug", [rule.slug for rule in RULES])
def test_what_was_exported_can_be_imported(slug: str, exported: Path) -> None:
    original = ALL[slug]
    found = sentinel_import.from_file(exported / f"{slug}.yaml", slug)
    path = exported / f"{slug}.kql"
    path.write_text(found.text, encoding="utf-8")
    back = detection.read(path, kql_function.load_all())
    assert (back.threshold, back.operator) == (original.threshold, original.operator)
    assert (back.frequency, back.window) == (original.frequency, original.window)
    assert back.attack == original.attack
    assert set(back.dimensions) <= set(original.dimensions)
    assert set(back.tables) <= set(original.tables)
    assert back.status == "experimental"


def test_an_imported_rule_fires_where_the_original_does(exported: Path, tmp_path: Path) -> None:
    """On the rows around its threshold: one below, and exactly there."""
    slug = "sensitive_file_probe"  # its rule calls a function that lies beside it
    text = sentinel_import.from_file(exported / f"{slug}.yaml", slug).text
    (tmp_path / f"{slug}.kql").write_text(text, encoding="utf-8")
    back = detection.read(tmp_path / f"{slug}.kql", kql_function.load_all())
    row = (
        '{{"_table": "AppServiceHTTPLogs", "TimeGenerated": "2026-01-05T08:{0:02}:00Z", "CIp":'
        ' "198.51.100.7", "CsMethod": "GET", "CsUriStem": "{1}", "ScStatus": 404}}'
    )
    paths = [
        "/about",
        "/.env",
        "/.git/config",
        "/wp-config.php.bak",
        "/.aws/credentials",
        "/id_rsa",
    ]
    seen = []
    for count in range(1, len(paths) + 1):
        lines = [row.format(number, path) for number, path in enumerate(paths[:count])]
        alerts = [
            replay(lines, [AlertRule.from_detection(each)]).alerts for each in (ALL[slug], back)
        ]
        assert [each.dimensions for each in alerts[0]] == [each.dimensions for each in alerts[1]]
        seen.append(bool(alerts[0]))
    assert seen[0] is False
    assert seen[-1] is True
