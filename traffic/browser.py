"""What a visitor's browser keeps between two requests: cookies and what the last form asks for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from traffic import form, puzzle
from traffic.form import Token

# Pages of a login app are small; whoever sends more is not read to the end.
_PAGE_BYTES = 256 * 1024
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Page:
    """An HTTP answer, redirects not followed."""

    status: int
    html: str
    location: str = ""


class Browser:
    """One cookie jar, the token of the last form seen, and the work that it asks for."""

    def __init__(
        self, base_url: str, connector: aiohttp.TCPConnector, *, loopback: bool, timeout_s: float
    ) -> None:
        """On loopback a Secure cookie is handed back over http too, as real browsers do."""
        self.token: Token | None = None
        self.challenge: str | None = None
        self.requests = 0
        self.turn = asyncio.Lock()
        self._base_url = base_url
        trusted = [URL(base_url)] if loopback else None
        self._session = aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=trusted),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
        )

    async def close(self) -> None:
        await self._session.close()

    async def post(self, path: str, headers: dict[str, str], fields: Mapping[str, str]) -> Page:
        """As browsers do, with the page that the form stood on: Django asks for it over https."""
        origin = {"Origin": self._base_url, "Referer": f"{self._base_url}{path}"}
        return await self.fetch("POST", path, origin | headers | _FORM, urlencode(fields).encode())

    async def fetch(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Page:
        """The path goes out byte for byte; what the answer's form asks for is remembered."""
        self.requests += 1
        url = URL(self._base_url + path, encoded=True)
        async with self._session.request(
            method, url, headers=headers, data=body or None, allow_redirects=False
        ) as response:
            location = response.headers.get("Location", "")
            page = Page(response.status, await _text(response.content), location)
        self.token = form.token(page.html) or self.token
        self.challenge = puzzle.in_page(page.html)
        return page


async def _text(content: aiohttp.StreamReader) -> str:
    found = b""
    while len(found) < _PAGE_BYTES and (chunk := await content.read(_PAGE_BYTES)):
        found += chunk
    return found.decode("utf-8", errors="replace")
