"""report.html as a browser shows it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lab.report import page as report_page
from lab.report.model import Report, RuleEntry
from tests.support import chromium
from tests.support.reports import HOSTILE, SLUG, failed, priced, report

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


def test_the_page_stands_alone_and_fits_its_window(tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    written.write_text(report_page.render(report(HOSTILE[1]), {}), encoding="utf-8")
    asked: list[str] = []
    with chromium.page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(written.as_uri())
        assert page.locator("svg.wide").is_visible()
        assert not page.locator("svg.narrow").is_visible()
        width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], "no sideways scrolling"
    assert asked == [written.as_uri()], "nothing else is fetched"


@pytest.mark.parametrize("make", [report, failed, priced])
def test_a_telephone_shows_every_cell_and_legible_labels(
    make: Callable[[str], Report], tmp_path: Path
) -> None:
    written = tmp_path / "report.html"
    written.write_text(report_page.render(make(HOSTILE[4]), {}), encoding="utf-8")
    with chromium.page() as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(written.as_uri())
        hidden = page.evaluate(
            "[...document.querySelectorAll('.card')].filter(c => c.scrollWidth > c.clientWidth)"
            ".map(c => c.innerText.slice(0, 80))"
        )
        assert hidden == [], "no card needs sideways scrolling"
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        heights = page.evaluate(
            "[...document.querySelectorAll('svg.narrow text')]"
            ".map(t => t.getBoundingClientRect().height)"
        )
        assert heights
        assert min(heights) >= 11, "pixels of a label"
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        labels = page.locator("td[data-label='For whom']")
        assert labels.count() > 0
        assert "For whom" in labels.first.evaluate("e => getComputedStyle(e, '::before').content")


def test_a_link_opens_what_it_leads_to(tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    written.write_text(report_page.render(report(), {}), encoding="utf-8")
    with chromium.page() as page:
        page.goto(f"{written.as_uri()}")
        place = page.locator(f"#{SLUG}")
        assert not place.is_visible()
        page.goto(f"{written.as_uri()}#{SLUG}")
        place.wait_for(state="visible", timeout=5000)


def test_forty_folded_detections_fit_twelve_screens_of_a_telephone(tmp_path: Path) -> None:
    many = replace(
        report(),
        detections=[
            replace(entry, slug=f"{SLUG}_{number:02}", scenario=f"{SLUG}_{number:02}")
            for number in range(42)
            for entry in report().detections
        ],
        rules=[
            RuleEntry(f"{SLUG}_{number:02}", "Brute force from one address", "One " * 25, "", "")
            for number in range(42)
        ],
    )
    written = tmp_path / "report.html"
    written.write_text(report_page.render(many, {}), encoding="utf-8")
    with chromium.page() as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(written.as_uri())
        assert page.evaluate("document.documentElement.scrollHeight") <= 12 * 844


def test_on_paper_it_is_dark_on_white(tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    written.write_text(report_page.render(report(), {}), encoding="utf-8")
    with chromium.page() as page:
        page.emulate_media(media="print", color_scheme="dark")
        page.goto(written.as_uri())
        colours = page.evaluate(
            "(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))"
        )
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert not page.locator("nav").is_visible()
