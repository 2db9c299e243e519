"""Sends actions over HTTP and tells what came back."""

import asyncio
from collections.abc import Iterable, Sequence
from time import perf_counter
from types import TracebackType
from typing import Self

import aiohttp

from traffic import puzzle, sign_in_page, target
from traffic.action import Action
from traffic.answer import NO_ANSWER, Answer
from traffic.browser import Browser, Page
from traffic.layout import Layout
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
        self.layout = Layout()
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

    async def learn(self, visitor: Visitor) -> bool:
        """Looks for the sign-in page as the visitor; False where there is none to be found.

        Until then the pages are thought to be those of the login app of this project.
        """
        browser, headers = self._browser(visitor.jar), self._headers(visitor, ())

        async def get(path: str) -> Page:
            return await browser.fetch("GET", path, headers)

        try:
            found = await sign_in_page.find(get, self.layout)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        self.layout = found or self.layout
        return found is not None

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
        headers = self._headers(visitor, action.headers)
        try:
            page = await _DEEDS[action.kind](browser, action, headers, self.layout)
            status, error = page.status, ""
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            status, error = NO_ANSWER, f"{type(problem).__name__}: {problem}".rstrip(": ")
        elapsed = perf_counter() - started
        return Answer(visitor, action, status, elapsed, browser.requests - before, error)

    def _headers(self, visitor: Visitor, own: Iterable[tuple[str, str]]) -> dict[str, str]:
        headers = {"User-Agent": visitor.user_agent, **dict(own)}
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


async def _get(browser: Browser, action: Action, headers: dict[str, str], layout: Layout) -> Page:
    return await browser.fetch("GET", layout.path(action.path), headers)


async def _request(
    browser: Browser, action: Action, headers: dict[str, str], layout: Layout
) -> Page:
    path = layout.path(action.path)
    data = layout.data(action.data) if path == layout.sign_in else action.data
    return await browser.fetch(action.method, path, headers, data.encode())


async def _login(browser: Browser, action: Action, headers: dict[str, str], layout: Layout) -> Page:
    """Fetches the form only when no token is at hand, or the one at hand was refused."""
    fresh, has_worked = browser.token is None, browser.challenge is not None
    page = await _post_login(browser, action, headers, layout)
    if _refuses_token(page) and not fresh:
        browser.token = None
        page = await _post_login(browser, action, headers, layout)
    if browser.challenge is not None and action.solves and not has_worked:
        # The first try was turned away, and its form came back with the work to be done.
        page = await _post_login(browser, action, headers, layout)
    if page.status in (302, 303):
        # A new session has begun; a token of the old one would be refused.
        browser.token = None
        if not layout.account and page.location.startswith("/"):
            layout.account = page.location.partition("?")[0]
    return page


def _refuses_token(page: Page) -> bool:
    """400 of Flask-WTF; Django's 403 has a page that says so, other refusals have not."""
    return page.status == 400 or (page.status == 403 and "csrf" in page.html.lower())


async def _post_login(
    browser: Browser, action: Action, headers: dict[str, str], layout: Layout
) -> Page:
    if browser.token is None:
        page = await browser.fetch("GET", layout.sign_in, headers)
        if browser.token is None and page.status != 200:
            return page
    fields = {
        **dict(layout.hidden),
        layout.username: action.username,
        layout.password: action.password,
    }
    if browser.token is not None:
        fields[browser.token.name] = browser.token.value
    if browser.challenge is not None and action.solves:
        solved = await asyncio.to_thread(puzzle.solution, browser.challenge)
        browser.challenge = None
        fields |= {puzzle.FIELD: solved} if solved else {}
    return await browser.post(layout.sign_in, headers, fields)


async def _logout(
    browser: Browser, action: Action, headers: dict[str, str], layout: Layout
) -> Page:
    """Without a token, and none on the account's page: nobody is signed in, nothing is posted."""
    if browser.token is None:
        page = await browser.fetch("GET", layout.path("/account"), headers)
        if page.location.startswith("/") and not page.location.startswith(layout.sign_in):
            # An account that is not ready yet leads to the page where that is put right.
            page = await browser.fetch("GET", page.location, headers)
        if browser.token is None:
            return page
    fields = {browser.token.name: browser.token.value}
    page = await browser.post(layout.path(action.path), headers, fields)
    browser.token = None
    return page


_DEEDS = {"get": _get, "request": _request, "login": _login, "logout": _logout}
