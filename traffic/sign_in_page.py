"""Finds an app's sign-in page as a visitor does: at its usual places, or by a link."""

import re
from collections.abc import Awaitable, Callable
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

from traffic import form
from traffic.browser import Page
from traffic.layout import Layout

Get = Callable[[str], Awaitable[Page]]

USUAL: Final = ("/login", "/")
FURTHER: Final = ("/accounts/login/", "/login/", "/signin", "/auth/login", "/users/sign_in")
_REDIRECTS: Final = 3
_LINKS: Final = 4
_LEADS_IN: Final = re.compile(r"(?i)log[-_ ]?in|log[-_ ]?on|sign[-_ ]?in|anmelden|connexion")


async def find(get: Get, layout: Layout) -> Layout | None:
    """The layout with what was learned; None where no page has a form with a password."""
    links: list[str] = []
    for path in USUAL:
        if found := await _look(get, path, layout, links):
            return found
    for path in [*links[:_LINKS], *FURTHER]:
        if found := await _look(get, path, layout, []):
            return found
    return None


async def _look(get: Get, path: str, layout: Layout, links: list[str]) -> Layout | None:
    """At one page, and where it leads by itself; its links to a sign-in are added to `links`."""
    for _ in range(_REDIRECTS):
        page = await get(path)
        if not page.location:
            break
        there = _within(path, page.location)
        if there is None:
            return None
        path = there
    found = form.sign_in(page.html) if page.status == 200 else None
    if found is not None:
        return layout.with_form(path.partition("?")[0], found)
    reader = _Links()
    reader.feed(page.html)
    wanted = (_within(path, link) for link in reader.found)
    links += [each for each in wanted if each and each not in links]
    return None


def _within(path: str, link: str) -> str | None:
    """Path and query of a link that stays on the site; an absolute one may name any host of it."""
    parts = urlsplit(urljoin(f"http://site{path}", link))
    if parts.scheme not in ("http", "https"):
        return None
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


class _Links(HTMLParser):
    """Links whose address or words speak of signing in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href = dict(attrs).get("href") or ""
            if _LEADS_IN.search(self._href):
                self.found.append(self._href)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._href = ""

    def handle_data(self, data: str) -> None:
        if self._href and _LEADS_IN.search(data):
            self.found.append(self._href)
