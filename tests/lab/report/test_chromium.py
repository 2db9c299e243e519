"""report.html as a browser shows it."""

from pathlib import Path

import pytest

from lab.report import page as report_page
from tests import chromium
from tests.lab.report.reports import HOSTILE, report

pytestmark = [pytest.mark.browser, chromium.needs_chromium]


def test_the_page_stands_alone_and_fits_its_window(tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    written.write_text(report_page.render(report(HOSTILE[1]), {}), encoding="utf-8")
    asked: list[str] = []
    with chromium.page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(written.as_uri())
        assert page.locator("svg").is_visible()
        width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], "no sideways scrolling"
    assert asked == [written.as_uri()], "nothing else is fetched"
