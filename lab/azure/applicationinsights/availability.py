"""Availability tests at work: each place really asks for the page, at the test's frequency.

Microsoft, "Application Insights availability tests": every place on its own; with retries a failure
counts after three attempts, "after a short interval" (UNCONFIRMED: 20 seconds), and there are no
more of them until the place has succeeded again. All places ask in the same lab second; in Azure
they are spread over the interval. Certificates are not looked at.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.web.app_service import AppService
from lab.azure.web.front.forwarded import LAB_CLIENT, LAB_TOKEN
from lab.azure.web.site.site_settings import HOST_SUFFIX
from lab.clock.clock import TRAFFIC, Appointment
from lab.clock.ticks import next_tick

ATTEMPTS: Final = 3
RETRY_AFTER: Final = timedelta(seconds=20)
USER_AGENT: Final = "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; AppInsights)"
_ADDRESS: Final = "192.0.2.{}"
_FIRST_ADDRESS: Final = 241
"""Households end at 200: nobody else has these."""


@dataclass(frozen=True)
class Result:
    """What one place found; `message` says why it failed."""

    at: datetime
    location: str
    success: bool
    message: str = ""
    milliseconds: float = 0.0


class AvailabilityTest:
    """One web test, from its first tick on."""

    def __init__(self, azure: Subscription, resource: Resource) -> None:
        inputs = resource.inputs
        self.results: list[Result] = []
        self._azure = azure
        self._resource = resource
        self._request: dict[str, Any] = inputs.get("request") or {}
        self._rules: dict[str, Any] = inputs.get("validationRules") or {}
        self._locations = [str(each["location"]) for each in inputs["locations"]]
        self._attempts = ATTEMPTS if inputs.get("retryEnabled") else 1
        self._down: set[str] = set()
        period = timedelta(seconds=inputs.get("frequency") or 300)
        self._tick: Appointment = azure.clock.every(
            next_tick(azure.clock.now, period), period, self.run, order=TRAFFIC
        )

    def cancel(self) -> None:
        self._tick.cancel()

    def run(self) -> None:
        """Every place asks once; those that fail ask again later."""
        self._attempt(self._locations, 1)

    def _attempt(self, locations: Sequence[str], number: int) -> None:
        again = []
        for result in self._ask(locations):
            last = number >= self._attempts or result.location in self._down
            if result.success:
                self._down.discard(result.location)
            elif not last:
                again.append(result.location)
                continue
            else:
                self._down.add(result.location)
            self.results.append(result)
        if again:
            moment = self._azure.clock.now + RETRY_AFTER
            self._azure.clock.at(moment, partial(self._attempt, again, number + 1), order=TRAFFIC)

    def _ask(self, locations: Sequence[str]) -> list[Result]:
        service = self._azure.service(AppService)
        url = urlsplit(str(self._request.get("requestUrl") or ""))
        hosted = service.site((url.hostname or "").removesuffix(HOST_SUFFIX))
        now = self._azure.clock.now
        if hosted is None:
            message = f"{url.hostname} does not answer: no site of the lab has this name"
            return [Result(now, each, False, message) for each in locations]
        target = f"{hosted.url}{url.path or '/'}{'?' + url.query if url.query else ''}"
        results = self._azure.loopback.call(self._ask_all(target, service.lab_token, locations))
        service.drain()  # the front end's rows belong to this second
        return results

    async def _ask_all(self, target: str, token: str, locations: Sequence[str]) -> list[Result]:
        timeout = aiohttp.ClientTimeout(total=self._resource.inputs.get("timeout") or 30)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            asked = [self._ask_from(session, target, token, each) for each in locations]
            return list(await asyncio.gather(*asked))

    async def _ask_from(
        self, session: aiohttp.ClientSession, target: str, token: str, location: str
    ) -> Result:
        address = _ADDRESS.format(_FIRST_ADDRESS + self._locations.index(location))
        headers = {"User-Agent": USER_AGENT, LAB_TOKEN: token, LAB_CLIENT: address}
        now, began = self._azure.clock.now, time.perf_counter()
        try:
            async with session.request(
                self._request.get("httpVerb") or "GET",
                target,
                headers=headers,
                allow_redirects=bool(self._request.get("followRedirects", True)),
            ) as answer:
                message = self._complaint(answer.status, await answer.text(errors="replace"))
        except (aiohttp.ClientError, TimeoutError) as error:
            message = f"no answer: {type(error).__name__}"
        elapsed = (time.perf_counter() - began) * 1000
        return Result(now, location, not message, message, elapsed)

    def _complaint(self, status: int, body: str) -> str:
        """What is wrong with an answer; '' for a good one."""
        expected = int(self._rules.get("expectedHttpStatusCode") or 0)
        wrong = status != expected if expected else status >= 400
        if wrong and not self._rules.get("ignoreHttpStatusCode"):
            return f"status {status}; expected {expected or 'less than 400'}"
        content = self._rules.get("contentValidation") or {}
        wanted = str(content.get("contentMatch") or "")
        if not wanted:
            return ""
        if content.get("ignoreCase"):
            wanted, body = wanted.casefold(), body.casefold()
        if (wanted in body) == bool(content.get("passIfTextFound", True)):
            return ""
        return f"text {wanted!r} is {'there' if wanted in body else 'not on the page'}"


class Availability:
    """The availability tests of one Azure, by id in lower case."""

    def __init__(self, azure: Subscription) -> None:
        self.tests: dict[str, AvailabilityTest] = {}
        self._azure = azure

    def start(self, resource: Resource) -> None:
        self.tests[resource.id.lower()] = AvailabilityTest(self._azure, resource)

    def stop(self, test_id: str) -> None:
        test = self.tests.pop(test_id.lower(), None)
        if test is not None:
            test.cancel()

    def failed(self, test_id: str, start: datetime, end: datetime) -> int | None:
        """Places that failed within (start, end]; None while there is no result at all."""
        test = self.tests.get(test_id.lower())
        found = [each for each in test.results if start < each.at <= end] if test else []
        if not found:
            return None
        return len({each.location for each in found if not each.success})
