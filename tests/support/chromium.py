"""A real browser for tests, where the machine has one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

PATH = shutil.which("chromium") or shutil.which("chromium-browser")

needs_chromium = pytest.mark.skipif(PATH is None, reason="chromium is not installed")


@contextmanager
def page() -> Iterator[Page]:
    """An empty page; anything that a document logs as an error fails the test at the end."""
    errors: list[str] = []
    with sync_playwright() as playwright:
        # Chromium's own sandbox cannot be set up by root, as in a container.
        browser = playwright.chromium.launch(executable_path=PATH, args=["--no-sandbox"])
        try:
            opened = browser.new_page(viewport={"width": 1200, "height": 900})
            opened.on("pageerror", lambda error: errors.append(str(error)))
            yield opened
        finally:
            browser.close()
    assert not errors
