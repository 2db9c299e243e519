"""Writes the events of a request when it is over, and those that no signal tells of."""

import contextlib
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, reverse

from login_events import journal
from login_events.attempt import Attempt, Noted, app_name, event, name_in, session_mark
from login_events.events import EventResult, EventResultDetails, EventType

REFUSALS = {
    400: (EventResultDetails.OTHER, "BodyTooLarge"),
    403: (EventResultDetails.OTHER, "CsrfFailed"),
    413: (EventResultDetails.OTHER, "BodyTooLarge"),
    429: (EventResultDetails.LOGON_VIOLATES_POLICY, "RateLimited"),
}
"""What it means when a sign-in is answered so, and no password was looked at."""

CROSS_SITE = (EventResultDetails.LOGON_VIOLATES_POLICY, "CrossSite")
FAULT = (EventResultDetails.OTHER, "AppFault")
INCOMPLETE = (EventResultDetails.OTHER, "FormIncomplete")


class LoginEventsMiddleware:
    """First of all, so that it sees the answers of the others.

    One answer is its own: a sign-in that a page of another site makes a visitor's browser send is
    led to the sign-in page, where Django would say 403. Dozens of those would speak against the
    address of somebody who knows nothing of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._heartbeat = journal.Heartbeat()
        self._pages: frozenset[str] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        noted = Noted()
        request.login_events = noted  # type: ignore[attr-defined]  # for the receivers
        self._heartbeat.beat(app_name())
        if request.method == "POST" and self._is_sign_in(request.path) and is_cross_site(request):
            journal.write_refusal(event(_refusal(*CROSS_SITE), request))
            return HttpResponseRedirect(request.path, status=303)
        response = self._get_response(request)
        for attempt in noted.attempts:
            if attempt.event_type is EventType.LOGON and attempt.result is EventResult.SUCCESS:
                attempt.session_mark = session_mark(request)  # signing in has made it anew
            self._write(attempt, request)
        is_untold = not noted.attempts and request.method == "POST"
        if is_untold and self._is_sign_in(request.path):
            refused = _refused(request, response)
            if refused is not None:
                journal.write_refusal(event(refused, request))
        return response

    def _write(self, attempt: Attempt, request: HttpRequest) -> None:
        """A locked account is turned away without work, as often as somebody asks."""
        if attempt.details == EventResultDetails.USER_LOCKED:
            journal.write_refusal(event(attempt, request))
        else:
            journal.write(event(attempt, request))

    def _is_sign_in(self, path: str) -> bool:
        if self._pages is None:  # the URLs are not there yet when the middleware is made
            self._pages = frozenset(_sign_in_pages())
        return path in self._pages


def _sign_in_pages() -> list[str]:
    """LOGIN_EVENTS_PAGES, or LOGIN_URL and the admin's own page."""
    given = getattr(settings, "LOGIN_EVENTS_PAGES", None)
    if given is not None:
        return list(given)
    pages = [resolve_url(settings.LOGIN_URL)]
    with contextlib.suppress(NoReverseMatch):  # no admin
        pages.append(reverse("admin:login"))
    return pages


def _refused(request: HttpRequest, response: HttpResponse) -> Attempt | None:
    """The sign-in of which nobody has told; None where it was none, as of who is signed in."""
    status = response.status_code
    if 300 <= status < 400 or status == 405:
        return None
    details, original = REFUSALS.get(status, FAULT if status >= 500 else INCOMPLETE)
    return _refusal(details, original, _posted_name(request))


def _refusal(details: str, original: str, username: str = "") -> Attempt:
    return Attempt(
        EventType.LOGON,
        EventResult.FAILURE,
        details,
        original,
        username=username,
        is_somebody=False,
    )


def is_cross_site(request: HttpRequest) -> bool:
    """A page of another site made the browser send it: browsers say so, and pages cannot."""
    site = request.META.get("HTTP_SEC_FETCH_SITE")
    return site is not None and site not in ("same-origin", "none")


def _posted_name(request: HttpRequest) -> str:
    try:
        posted = request.POST
    except (SuspiciousOperation, OSError):  # too large, or the client has gone
        return ""
    return name_in(posted)
