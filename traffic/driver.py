"""Sends actions over HTTP and tells what came back."""

import asyncio
from collections.abc import Iterable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Self

import aiohttp

from traffic import csrf_token, puzzle, target
from traffic.action import Action
from traffic.answer import NO_ANSWER, Answer
from traffic.browser import Browser, Page
from traffic.visitor import Visitor

CONCURRENCY = 16
TIMEOUT_S = 30.0
# Shorter than any server's (gunicorn: 2 s), so that no request goes out on a connection that is
# about to be closed.
_KEEPALIVE_S = 1.5

Step = tuple[Visitor, Action]
HEADER_TOKEN, HEADER_CLIENT = "X-Lab-Token", "X-Lab-Client"


class Driver:
    """One browser per cookie jar; different browsers at once, the steps of one in their order."""

    def __init__(
        self, base_url: str, lab_token: str | None = None, *, concurrency: int = CONCURRENCY
    ) -> None:
        """`lab_token` unlocks the lab's front end: it then believes each visitor's address."""
        self.base_url = base_url.rstrip("/")
        self._loopback = target.is_loopback(target.host(self.base_url))
        self._lab_token = lab_token
        self._seats = asyncio.Semaphore(concurrency)
        self._browsers: dict[str, Browser] = {}
        self._connector: aiohttp.TCPConnector | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        for browser in self._browsers.values():
            await browser.close()
        self._browsers.clear()
        if self._connector is not None:
            await self._connector.close()
            self._connector = None

    async def send(self, steps: Iterable[Step]) -> list[Answer]:
        """Answers in the order of the steps; one that never came has status 0."""
        numbered = list(enumerate(steps))
        queues: dict[str, list[tuple[int, Step]]] = {}
        for number, step in numbered:
            queues.setdefault(step[0].jar, []).append((number, step))
        answers: dict[int, Answer] = {}
        async with asyncio.TaskGroup() as group:
            for jar, queue in queues.items():
                group.create_task(self._work_off(self._browser(jar), queue, answers))
        return [answers[number] for number, _ in numbered]

    async def _work_off(
        self, browser: Browser, queue: Sequence[tuple[int, Step]], answers: dict[int, Answer]
    ) -> None:
        async with browser.turn:
            for number, (visitor, action) in queue:
                async with self._seats:
                    answers[number] = await self._answer(browser, visitor, action)

    async def _answer(self, browser: Browser, visitor: Visitor, action: Action) -> Answer:
        started, before = perf_counter(), browser.requests
        headers = self._headers(visitor, action)
        try:
            page = await _DEEDS[action.kind](browser, action, headers)
            status, error = page.status, ""
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            status, error = NO_ANSWER, f"{type(problem).__name__}: {problem}".rstrip(": ")
        elapsed = perf_counter() - started
        return Answer(visitor, action, status, elapsed, browser.requests - before, error)

    def _headers(self, visitor: Visitor, action: Action) -> dict[str, str]:
        headers = {"User-Agent": visitor.user_agent, **dict(action.headers)}
        if visitor.forwarded_for is not None:
            headers["X-Forwarded-For"] = visitor.forwarded_for
        if self._lab_token is not None:
            headers[HEADER_TOKEN] = self._lab_token
            headers[HEADER_CLIENT] = visitor.address
        return headers

    def _browser(self, jar: str) -> Browser:
        if self._connector is None:
            self._connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_S)
        if jar not in self._browsers:
            self._browsers[jar] = Browser(
                self.base_url, self._connector, loopback=self._loopback, timeout_s=TIMEOUT_S
            )
        return self._browsers[jar]


async def _get(browser: Browser, action: Action, headers: dict[str, str]) -> Page:
    return await browser.fetch("GET", action.path, headers)


async def _request(browser: Browser, action: Action, headers: dict[str, str]) -> Page:
    return await browser.fetch(action.method, action.path, headers, action.data.encode())


async def _login(browser: Browser, action: Action, headers: dict[str, str]) -> Page:
    """Fetches the form only when no token is at hand, or the one at hand was refused."""
    fresh, has_worked = browser.token is None, browser.challenge is not None
    page = await _post_login(browser, action, headers)
    if page.status == 400 and not fresh:
        browser.token = None
        page = await _post_login(browser, action, headers)
    if browser.challenge is not None and action.solves and not has_worked:
        # The first try was turned away, and its form came back with the work to be done.
        page = await _post_login(browser, action, headers)
    if page.status in (302, 303):
        # A new session has begun; a token of the old one would be refused.
        browser.token = None
    return page


async def _post_login(browser: Browser, action: Action, headers: dict[str, str]) -> Page:
    if browser.token is None:
        page = await browser.fetch("GET", "/login", headers)
        if browser.token is None and page.status != 200:
            return page
    fields = {
        "username": action.username,
        "password": action.password,
        csrf_token.FIELD: browser.token or "",
    }
    if browser.challenge is not None and action.solves:
        solved = await asyncio.to_thread(puzzle.solution, browser.challenge)
        browser.challenge = None
        fields |= {puzzle.FIELD: solved} if solved else {}
    return await browser.post("/login", headers, fields)


async def _logout(browser: Browser, action: Action, headers: dict[str, str]) -> Page:
    """Without a token, and none on /account: nobody is signed in, and nothing is posted."""
    if browser.token is None:
        page = await browser.fetch("GET", "/account", headers)
        if page.location.startswith("/") and not page.location.startswith("/login"):
            # An account that is not ready yet leads to the page where that is put right.
            page = await browser.fetch("GET", page.location, headers)
        if browser.token is None:
            return page
    page = await browser.post(action.path, headers, {csrf_token.FIELD: browser.token})
    browser.token = None
    return page


_DEEDS = {"get": _get, "request": _request, "login": _login, "logout": _logout}
