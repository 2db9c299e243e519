"""Backtest: thresholds and windows of a detection on recorded rows."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from components.content import detection
from components.limits.refusal import RefusedError
from lab.__main__ import app
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.tuning import attacks, backtest
from lab.tuning import page as backtest_page
from lab.tuning import proposal as backtest_proposal
from lab.tuning.attacks import KnownAttack
from lab.tuning.backtest import Backtest
from lab.tuning.replay import replay
from lab.verbs.backtest import thresholds
from tests.support.alert_rules import at
from tests.support.chromium import needs_chromium
from tests.support.chromium import page as chromium_page

SLUG = "client_error_burst"
PROBER, BROKEN = "198.51.100.7", "192.0.2.77"


def requests(address: str, first: float, count: int, apart_s: float = 2.0) -> list[str]:
    return [
        json.dumps(
            {
                "_table": "AppServiceHTTPLogs",
                "TimeGenerated": (at(first) + timedelta(seconds=apart_s * n)).isoformat(),
                "CIp": address,
                "CsMethod": "GET",
                "CsUriStem": f"/page-{address}-{n}",
                "ScStatus": 404,
                "UserAgent": "curl/8.5.0",
            }
        )
        for n in range(count)
    ]


def attack(first: float, minutes: float, *names: str, label: str = "probe") -> KnownAttack:
    return KnownAttack(at(first), at(first + minutes), label, names)


ROWS = requests(PROBER, 60, 60) + requests(BROKEN, 600, 35) + requests("192.0.2.1", 1500, 2)
ATTACKS = [attack(60, 2, PROBER)]


def run(values: list[float], windows: list[str] | None = None, labels: bool = True) -> Backtest:
    found = detection.load(SLUG)
    known = ATTACKS if labels else None
    return backtest.run(ROWS, found, values, windows or [found.window], known)


def test_each_threshold_has_its_catch_and_its_price() -> None:
    found = run([20, 50, 80])
    assert [(each.caught, each.false_alarms, each.alerts) for each in found.trials] == [
        (1, 1, 2),
        (1, 0, 1),
        (0, 0, 0),
    ]
    assert found.trials[2].missed == ("probe",)
    assert found.trials[1].alerts_a_day == round(1 / found.days, 2)


@pytest.mark.parametrize("slug", [SLUG, "password_spray", "no_log_lines"])
def test_a_trial_is_what_a_replay_of_its_own_would_say(slug: str) -> None:
    """Measuring once for all thresholds changes nothing, for rules that fire on silence too."""
    found = detection.load(slug)
    values = [1.0, 3.0, 35.0]
    trials = backtest.run(ROWS, found, values, [found.window]).trials
    for value, trial in zip(values, trials, strict=True):
        rule = AlertRule.from_detection(detection.override(found, {"threshold": value}))
        assert trial.alerts == len(replay(ROWS, [rule]).alerts)


def test_windows_are_tried_with_every_threshold() -> None:
    found = run([20, 50], ["PT15M", "PT30M"])
    assert [(each.window, each.threshold) for each in found.trials] == [
        ("PT15M", 20),
        ("PT15M", 50),
        ("PT30M", 20),
        ("PT30M", 50),
    ]
    with pytest.raises(RefusedError, match="refused by Azure"):
        run([20], ["PT1M"])


def test_the_middle_of_what_is_equally_good_is_proposed() -> None:
    found = backtest_proposal.propose(run([32, 40, 45, 50, 56, 70]))
    assert found is not None
    assert found.trial.threshold == 45 or found.trial.threshold == 50
    assert "catches 1 of 1 attacks with 0 false alarms from 40 to 56" in found.reason


def test_what_the_detection_has_is_kept_where_nothing_is_better() -> None:
    own = detection.load(SLUG).threshold
    assert own is not None
    base = backtest.run(requests(PROBER, 60, 90), detection.load(SLUG), [own, own + 5], ["PT30M"],
                        ATTACKS)  # fmt: skip
    found = backtest_proposal.propose(base)
    assert found is not None
    assert found.trial.threshold == own
    assert "the detection's own values" in found.reason


def test_without_labels_the_price_alone_decides_and_is_said_to() -> None:
    found = run([5, 20, 50, 80], labels=False)
    assert found.attacks is None
    assert {each.false_alarms for each in found.trials} == {0}
    proposal = backtest_proposal.propose(found, affordable=1.2)
    assert proposal is not None
    assert proposal.trial.threshold == 50
    assert "without labels" in proposal.reason


def test_where_nothing_is_caught_nothing_is_praised() -> None:
    found = backtest.run(ROWS, detection.load(SLUG), [500, 600], ["PT30M"], ATTACKS)
    proposal = backtest_proposal.propose(found)
    assert proposal is not None
    assert proposal.trial.threshold == 500
    assert "no value catches an attack" in proposal.reason


def test_no_rows_give_no_proposal() -> None:
    found = backtest.run([], detection.load(SLUG), [5], ["PT30M"], ATTACKS)
    assert (found.rows, found.attacks, found.days) == (0, 0, 0.0)
    assert backtest_proposal.propose(found) is None
    assert "0 rows" in backtest_page.render(found, None)


def test_an_attack_of_another_time_is_neither_caught_nor_missed() -> None:
    labels = [*ATTACKS, attack(-9000, 5, label="long ago")]
    found = backtest.run(ROWS, detection.load(SLUG), [50], ["PT30M"], labels)
    assert found.attacks == 1
    assert found.trials[0].missed == ()


def test_an_alert_for_somebody_else_is_false_while_an_attack_is_under_way() -> None:
    rows = requests(PROBER, 60, 60) + requests(BROKEN, 60, 60)
    named = backtest.run(rows, detection.load(SLUG), [50], ["PT30M"], ATTACKS).trials[0]
    anyone = backtest.run(rows, detection.load(SLUG), [50], ["PT30M"], [attack(60, 2)]).trials[0]
    assert (named.alerts, named.false_alarms, anyone.false_alarms) == (2, 1, 0)


@pytest.mark.parametrize(
    ("text", "step", "expected"),
    [
        ("5", None, [5]),
        ("5..8", None, [5, 6, 7, 8]),
        ("5..10", 2.0, [5, 7, 9]),
        ("0.1..0.3", 0.1, [0.1, 0.2, 0.3]),
        ("0..400", None, [n * 10.0 for n in range(41)]),
        ("-2..0", None, [-2, -1, 0]),
    ],
)
def test_a_range_of_thresholds_has_both_ends(
    text: str, step: float | None, expected: list[float]
) -> None:
    assert thresholds(text, step) == expected


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("many", None),
        ("9..5", None),
        ("5..", None),
        ("1..5", 0.0),
        ("1..5", -1.0),
        ("0..9999", 1.0),
    ],
)
def test_a_range_that_cannot_be_is_refused(text: str, step: float | None) -> None:
    with pytest.raises(RefusedError, match="expected"):
        thresholds(text, step)


def labels(folder: Path, text: str, name: str = "attacks.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


ONE = '{"from": "2026-01-05T08:00:00Z", "to": "2026-01-05T08:10:00Z", "label": "a"}'


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "- {from: 2026-01-05T08:00:00Z, to: 2026-01-05T08:10:00Z, label: a}"),
        ("a.json", f"[{ONE}]"),
        ("a.jsonl", f"{ONE}\n\n"),
    ],
)
def test_labels_are_read_in_three_forms(name: str, text: str, tmp_path: Path) -> None:
    (found,) = attacks.read(labels(tmp_path, text, name))
    assert (found.label, found.end - found.begin) == ("a", timedelta(minutes=10))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"- {ONE}\n- {{from: soon, to: later}}", 2),
        (f"- {ONE}\n- {{to: 2026-01-05T08:10:00Z}}", 2),
        ("- {from: 2026-01-05T08:20:00Z, to: 2026-01-05T08:10:00Z}", 1),
        (f"- {ONE}\n- {ONE[:-1]}, who: x}}", 2),
        ("just: a mapping", 1),
        ("- [", 1),
        ("- 5", 1),
    ],
)
def test_labels_that_cannot_be_read_are_named_with_their_line(
    text: str, line: int, tmp_path: Path
) -> None:
    with pytest.raises(RefusedError, match=rf"expected.*attacks\.yaml:{line}"):
        attacks.read(labels(tmp_path, text))


def test_an_address_belongs_to_its_network(tmp_path: Path) -> None:
    known = attack(0, 10, "2001:db8:1:2::9", "Anna")
    rows = requests("2001:db8:1:2::9", 1, 60)
    found = backtest.run(rows, detection.load(SLUG), [50], ["PT30M"], [known])
    assert found.trials[0].caught == 1


def test_the_command_shows_a_table_or_json_and_writes_the_curves(tmp_path: Path) -> None:
    logs, plot = tmp_path / "rows.jsonl", tmp_path / "plot.html"
    logs.write_text("\n".join(ROWS), encoding="utf-8")
    known = labels(
        tmp_path,
        json.dumps([{"from": at(60).isoformat(), "to": at(62).isoformat(), "label": "probe"}]),
    )
    typed = ["backtest", SLUG, str(logs), "--threshold", "20..60", "--step", "20"]
    shown = CliRunner().invoke(app, [*typed, "--attacks", str(known), "--plot", str(plot)])
    assert shown.exit_code == 0, shown.output
    assert "proposed: threshold 40 in PT30M" in " ".join(shown.output.split())
    page = plot.read_text(encoding="utf-8")
    assert "<svg" in page
    assert "<script" not in page
    machine = CliRunner().invoke(app, [*typed, "--json"])
    found = json.loads(machine.stdout)
    assert [each["threshold"] for each in found["trials"]] == [20, 40, 60]
    assert found["attacks"] is None


@pytest.mark.parametrize(
    "typed",
    [
        ["no_such_detection", "LOGS", "--threshold", "1..2"],
        [SLUG, "LOGS", "--threshold", "x"],
        [SLUG, "LOGS", "--threshold", "1..2", "--window", "PT7M"],
        [SLUG, "no-file.jsonl", "--threshold", "1..2"],
        [SLUG, "LOGS", "--threshold", "1..2", "--attacks", "no-file.yaml"],
    ],
)
def test_wrong_usage_exits_with_two_and_no_traceback(typed: list[str], tmp_path: Path) -> None:
    logs = tmp_path / "rows.jsonl"
    logs.write_text(ROWS[0], encoding="utf-8")
    found = CliRunner().invoke(
        app, ["backtest", *[str(logs) if each == "LOGS" else each for each in typed]]
    )
    assert found.exit_code == 2
    assert "Traceback" not in found.output


@pytest.mark.parametrize(
    ("content", "words", "first"),
    [
        ("", "rows.jsonl is empty; expected recorded rows", ""),
        ("\n \n", "rows.jsonl is empty", ""),
        ('{"a"\n{}\n', "rows.jsonl has no row that could be read", "is not JSON: "),
        # A file that does not begin as JSON is read as the CSV of the portal.
        ("nonsense\n{}\n", "rows.jsonl has no row that could be read", "has no TimeGenerated; "),
    ],
)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_file_without_rows_is_refused_before_any_table(
    content: str, words: str, first: str, form: list[str], tmp_path: Path
) -> None:
    logs, plot = tmp_path / "rows.jsonl", tmp_path / "plot.html"
    logs.write_text(content, encoding="utf-8")
    typed = ["backtest", SLUG, str(logs), "--threshold", "1..17", "--plot", str(plot), *form]
    found = CliRunner().invoke(app, typed)
    said = " ".join(found.output.split())
    assert found.exit_code == 2
    assert words in said
    assert (f"rows.jsonl:1: {first}expected" in re.sub("Expecting.*?; ", "", said)) == bool(first)
    assert "a day" not in said
    assert found.stdout == ""
    assert not plot.exists()


def test_lines_that_are_no_rows_are_named_and_the_rest_counts(tmp_path: Path) -> None:
    logs = tmp_path / "rows.jsonl"
    logs.write_text("\n".join([ROWS[0], "nonsense", *ROWS[1:60]]), encoding="utf-8")
    found = CliRunner().invoke(app, ["backtest", SLUG, str(logs), "--threshold", "50"])
    assert found.exit_code == 2
    assert "rows.jsonl:2:" in found.output.replace("\n", "")


@pytest.mark.browser
@needs_chromium
def test_the_curves_are_drawn_in_a_browser(tmp_path: Path) -> None:
    found = run([20, 30, 40, 50, 60], ["PT15M", "PT30M"])
    (tmp_path / "plot.html").write_text(
        backtest_page.render(found, backtest_proposal.propose(found)), encoding="utf-8"
    )
    with chromium_page() as page:
        page.goto((tmp_path / "plot.html").as_uri())
        assert page.locator("svg.wide").count() == page.locator("svg.narrow").count() == 2
        assert not page.locator("svg.narrow").first.is_visible()
        assert page.locator("svg >> nth=0 >> rect").count() == 10
        box = page.locator("polyline").first.bounding_box()
        assert box is not None
        assert box["width"] > 100
        page.set_viewport_size({"width": 390, "height": 844})
        assert not page.locator("svg.wide").first.is_visible()
        beyond = "e => e.scrollWidth > e.clientWidth"
        assert not any(each.evaluate(beyond) for each in page.locator(".card").all())
        heights = page.evaluate(
            "[...document.querySelectorAll('svg.narrow text')]"
            ".map(t => t.getBoundingClientRect().height)"
        )
        assert min(heights) >= 11, "pixels of a label"
