"""report.html: self-contained, and harmless whoever chose the names in it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from lab.report import page
from lab.report.model import DetectionEntry, Message, Report, RuleEntry
from lab.report.shorten import shortened
from tests.support.reports import HOSTILE, SLUG, START, alert, failed, priced, replayed, report

ATTACKS = {SLUG: (START + timedelta(minutes=5), START + timedelta(minutes=9))}
Maker = Callable[[str], Report]
MAKERS: list[Maker] = [report, failed, replayed, priced]
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Outline(HTMLParser):
    """Elements with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(found: Report) -> Outline:
    return Outline(page.render(found, ATTACKS))


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", ["203.0.113.7", *HOSTILE])
def test_the_page_runs_no_script_and_fetches_nothing(make: Maker, name: str) -> None:
    text = page.render(make(name), ATTACKS)
    found = Outline(text)
    assert found.open == []
    kinds = {tag for tag, _ in found.elements}
    assert not kinds & {"script", "img", "link", "iframe", "object", "embed", "base", "form"}
    attributes = {key for _, given in found.elements for key in given}
    assert not {key for key in attributes if key.startswith("on")}
    assert not attributes & {"src", "xlink:href", "srcset", "action"}
    links = [given["href"] for tag, given in found.elements if tag == "a"]
    places = {given["id"] for _, given in found.elements if "id" in given}
    assert links
    assert {str(link) for link in links} <= {f"#{place}" for place in places}
    style = "".join(re.findall(r"<style>(.*?)</style>", text, re.DOTALL))
    assert style
    assert "@import" not in style + text
    assert "url(" not in style


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_it_was_written(name: str) -> None:
    assert name in outline(report(name)).text


def test_the_page_tells_verdict_times_receivers_and_figures() -> None:
    text = outline(report()).text
    for words in (SLUG, "07:40:00", "4 min 31 s", "203.0.113.7", "3,148", "passed", "webhook"):
        assert words in text


def test_a_failed_page_tells_the_reason_and_whom_it_accused() -> None:
    text = outline(failed()).text
    assert "below the threshold for 203.0.113.7" in text
    assert "nobody: a false alert" in text
    assert "failed" in text


def test_a_replay_has_alerts_but_no_verdict() -> None:
    text = outline(replayed()).text
    assert "Replay" in text
    assert "Verdict" not in text
    assert "a false alert" not in text


def test_an_empty_report_is_a_page_too() -> None:
    empty = Report("inprocess", "local", START, START, [], [], [], [], {"rows": 0})
    assert "none" in outline(empty).text


def test_two_reports_of_one_run_are_the_same() -> None:
    assert page.render(report(), ATTACKS) == page.render(report(), ATTACKS)


def test_the_bill_shows_sums_suggestions_and_what_has_no_price() -> None:
    text = "".join(Outline(page.render(priced(), {})).text.split())
    for words in (
        "USD 12.41 a month",
        "11.00 while Azure's free grants are not used up elsewhere",
        "plan 203.0.113.7 1 12.41",
        "e-mails 2 < 0.01",
        "203.0.113.7: storage not priced",
        "Prices that no source confirms: logic_app_action",
        "smaller 203.0.113.7 power 6.00 6.41",
        "mandatory a-rule",
    ):
        assert words.replace(" ", "") in text
    assert "What it costs" not in page.render(report(), {})


def test_the_policy_pack_is_told_with_what_it_found() -> None:
    text = Outline(page.render(priced("203.0.113.7"), ATTACKS)).text
    assert "mandatory policy: 203.0.113.7 is open; close it (a-rule)" in text
    assert "policy: 9 rules held, 2 broken" in text
    assert "policy:" not in page.render(replayed(), ATTACKS)


def test_of_each_rule_one_message_of_a_kind_is_kept() -> None:
    def message(kind: str, rule: str, number: int) -> Message:
        return Message(kind, START, "/alerts", f"subject {rule} {kind} {number}", "body", rule)

    messages = [
        message(kind, rule, number)
        for number in range(3)
        for rule in (SLUG, "client-errors")
        for kind in ("email", "webhook")
    ]
    text = page.render(replace(report(), messages=messages), ATTACKS)
    assert sorted(re.findall(r"subject [a-z_-]+ [a-z]+ [0-9]", text)) == [
        f"subject {SLUG} email 0",
        f"subject {SLUG} webhook 0",
        "subject client-errors email 0",
        "subject client-errors webhook 0",
    ]


def test_what_a_detection_looks_for_stands_beside_its_name() -> None:
    rule = RuleEntry(SLUG, "Brute force", "One address fails.", "Failures >= 20", "T | take 1")
    text = outline(replace(report(), rules=[rule])).text
    for words in ("Brute force", "One address fails.", "Fires when Failures >= 20.", "T | take 1"):
        assert words in text


def test_what_failed_comes_first_and_what_is_not_judged_last() -> None:
    entries = [
        DetectionEntry("a_pass", "a_pass", "fires", (alert(),), "pass", ""),
        DetectionEntry("b_open", "b_open", "fires", (), "not rehearsed", "needs a database"),
        DetectionEntry("c_fail", "c_fail", "fires", (), "fail", "no row arrived"),
    ]
    found = replace(report(), detections=entries)
    assert [row.slug for row in page.rows(found)] == ["c_fail", "a_pass", "b_open"]
    text = outline(found).text
    assert "1 of 2 detections fired on their attacks; nobody else was accused." in text
    assert "Not judged: b_open (needs a database)." in text


def test_hundreds_of_long_messages_and_alerts_stay_a_small_page() -> None:
    body = json.dumps(
        shortened({"query": "x" * 60_000, "link": "https://" + "y" * 100_000}), indent=1
    )
    messages = [Message("webhook", START, "/alerts", "s", body, SLUG) for _ in range(400)]
    entry = replace(report(), messages=messages, alerts=[alert()] * 300)
    text = page.render(entry, ATTACKS)
    assert len(text) < 200_000
    assert "(60,000 characters)" in text
    assert "and 292 more" in text
