"""How often one address may try to sign in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from login_events.attempt import client_ip
from login_events.client_address import network_of

SIGN_INS_PER_MINUTE = 30
"""Of one address, or of one IPv6 /64."""


class RateLimitMiddleware:
    """Counts in memory: for one process, which is what the start command starts.

    After CsrfViewMiddleware: what a page of another site makes a browser send is no visitor's try.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(SIGN_INS_PER_MINUTE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Before the page sees a sign-in, and hashes its password."""
        if request.method != "POST" or request.path != resolve_url(settings.LOGIN_URL):
            return None
        if self._limiter.hit(self._limit, network_of(client_ip(request))):
            return None
        return HttpResponse("Too many attempts. Wait a minute.\n", status=429)
