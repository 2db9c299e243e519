"""Somebody with an account, and somebody who tries the emergency account: what a pulse sends."""

import asyncio
from typing import Final

import aiohttp

from traffic import puzzle
from traffic.browser import Browser, Page
from traffic.driver import HEADER_CLIENT, HEADER_TOKEN

_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0"
_TIMEOUT_S: Final = 30.0
SEE_OTHER: Final = (302, 303)


class Guest:
    """One browser at one address of an app; `lab_token` lets the lab believe the address."""

    def __init__(self, url: str, lab_token: str, address: str) -> None:
        self._url = url
        self._headers = {"User-Agent": _AGENT, HEADER_TOKEN: lab_token, HEADER_CLIENT: address}

    async def sign_in(self, username: str, password: str, new_password: str = "") -> bool:
        """Whether the password is right; with a new one, whether that is the password now."""
        connector = aiohttp.TCPConnector()
        browser = Browser(self._url, connector, loopback=True, timeout_s=_TIMEOUT_S)
        try:
            page = await self._post_login(browser, username, password)
            if page.status not in SEE_OTHER or not new_password:
                return page.status in SEE_OTHER
            return await self._change(browser, password, new_password)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        finally:
            await browser.close()
            await connector.close()

    async def _post_login(self, browser: Browser, username: str, password: str) -> Page:
        await browser.fetch("GET", "/login", self._headers)
        for _ in range(2):  # the first try may come back with work to be done
            fields = {"username": username, "password": password}
            if browser.challenge is not None:
                solved = await asyncio.to_thread(puzzle.solution, browser.challenge)
                fields |= {puzzle.FIELD: solved} if solved else {}
            fields |= _token(browser)
            had_work = browser.challenge is not None
            page = await browser.post("/login", self._headers, fields)
            if browser.challenge is None or had_work:
                break
        return page

    async def _change(self, browser: Browser, old: str, new: str) -> bool:
        await browser.fetch("GET", "/password", self._headers)
        fields = {"current": old, "password": new} | _token(browser)
        page = await browser.post("/password", self._headers, fields)
        return page.status in SEE_OTHER


def _token(browser: Browser) -> dict[str, str]:
    """What the last form wants back."""
    return {browser.token.name: browser.token.value} if browser.token is not None else {}
