"""The verdict on a terminal, of 80 columns where nothing else is said."""

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from lab.report import terminal, voice
from lab.report.model import Report
from tests.support.reports import HOSTILE, SLUG, alert, failed, priced, replayed, report

Maker = Callable[[str], Report]
MAKERS: list[Maker] = [report, failed, replayed, priced]


def shown(found: Report, *, color: bool = False, width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=color, legacy_windows=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voice, "out", console)
        terminal.show(found)
    return out.getvalue()


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("name", ["203.0.113.7", "2001:db8:bad:89eb:7d86:c6c8:3d9:1", *HOSTILE])
def test_no_line_of_a_table_is_wider_than_80_columns(make: Maker, name: str) -> None:
    table = shown(make(name)).partition("\n+: lab time")[0]
    end = len(table.splitlines()) if make is not replayed else -1
    assert max(map(len, table.splitlines()[:end])) <= 80


def test_a_terminal_ends_lines_between_words() -> None:
    slug = "guessing_from_neighbouring_addresses"
    found = replace(report(), platform_alerts=[replace(alert(), slug=slug)] * 7, notices=[slug * 3])
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown(found, color=True)).splitlines()
    assert slug * 3 in lines
    assert all(len(line) <= 80 for line in lines if line != slug * 3)
    assert any(slug in line for line in lines if line.startswith("platform alerts: "))


def test_in_a_file_each_message_is_one_line() -> None:
    found = replace(report(), notices=["a note of many words " * 12])
    assert sum(line.startswith("note: ") for line in shown(found).splitlines()) == 1
    assert "note: " + "a note of many words " * 12 in shown(found)


@pytest.mark.parametrize("slug", [SLUG, "guessing_from_neighbouring_addresses"])
def test_a_detection_has_one_line(slug: str) -> None:
    found = report()
    late = [replace(each, latency_s=3552.0) for each in found.alerts]
    entries = [
        replace(each, slug=slug, alerts=tuple(late) if each.alerts else ())
        for each in found.detections
    ]
    (line,) = [
        each for each in shown(replace(found, detections=entries)).splitlines() if slug in each
    ]
    assert line.split() == [slug, "fired", "+3552", "s", "silent", "pass"]


def test_a_wide_line_tells_for_whom_and_how_many_were_told() -> None:
    (line,) = [each for each in shown(report(), width=terminal.WIDE).splitlines() if SLUG in each]
    for words in ("fired +271 s", "203.0.113.7", "1 webhook", "silent", "pass"):
        assert words in line


def test_a_passed_rehearsal_tells_what_was_sent_and_how_long_it_took() -> None:
    text = " ".join(shown(report()).split())
    assert "alerts 1, sent 1 webhook" in text
    assert "seconds of yours 41.5" in text
    assert text.endswith("1 of 1 detection fired on its attack; nobody else was accused.")


def test_a_failed_line_tells_the_reason_and_the_false_alert() -> None:
    text = " ".join(shown(failed()).split())
    assert text.count(f"{SLUG}: below the threshold for 203.0.113.7") == 1
    assert f"false alert: {SLUG} for SrcIpAddr 203.0.113.7" in text
    assert "note: 1 requests got no answer" in text
    assert "false alerts 1" in text
    assert text.endswith("0 of 1 detection fired on its attack; 1 false alert.")


def test_a_replay_lists_its_alerts() -> None:
    text = " ".join(shown(replayed()).split())
    assert text.startswith("1 alert ")
    assert "Sev2" in text


@pytest.mark.parametrize("make", MAKERS)
def test_a_name_can_neither_redraw_the_terminal_nor_use_markup(make: Maker) -> None:
    text = shown(make("[/][bold red]a\x1b[2Jb\x07\u202ec"), width=200)
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    joined = "".join(text.split())
    assert "[/][boldred]a" in joined
    assert "\\x1b[2Jb" in joined


def test_colours_are_the_reports_own() -> None:
    assert "\x1b[2J" not in shown(failed("\x1b[2J"), color=True)
    assert "\x1b[" in shown(failed("quiet"), color=True)


def test_the_bill_is_one_line_and_a_broken_policy_is_told() -> None:
    text = " ".join(shown(priced()).split())
    assert "a month in Azure: about 12.41 USD" in text
    assert "python -m lab cost -s local)" in text
    assert "mandatory policy: 203.0.113.7 is open; close it (a-rule)" in text
    assert "advisory policy: 203.0.113.7 is short" in text
    assert "policy: 9 rules held, 2 broken" in text
    assert "a month" not in shown(report())


def test_a_policy_that_is_kept_is_told_too() -> None:
    assert "policy: 11 rules held\n" in shown(replace(report(), rules_held=11))
    assert "policy: 1 rule held\n" in shown(replace(report(), rules_held=1))
    assert "policy" not in shown(replayed())
