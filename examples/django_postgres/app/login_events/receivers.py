"""Hears what django.contrib.auth tells: who signed in, who did not, who signed out."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import DatabaseError
from django.dispatch import receiver
from django.http import HttpRequest

from login_events import journal
from login_events.attempt import Attempt, Noted, event, name_in, session_mark
from login_events.events import EventResult, EventResultDetails, EventType


@receiver(user_logged_in, dispatch_uid="login_events.signed_in")
def signed_in(request: HttpRequest | None, user: Any, **_: object) -> None:
    """A password was asked for where somebody posted to a page; code may sign people in, too."""
    attempt = Attempt(EventType.LOGON, EventResult.SUCCESS, username=user.get_username())
    attempt.password_seen = request is not None and request.method == "POST"
    _note(request, attempt)


@receiver(user_login_failed, dispatch_uid="login_events.failed")
def failed(credentials: Mapping[str, Any], request: HttpRequest | None = None, **_: object) -> None:
    """Told once for each call of authenticate(), whichever backend refused."""
    attempt = Attempt(EventType.LOGON, EventResult.FAILURE, username=name_in(credentials))
    if request is not None and _is_locked(request, credentials):
        attempt.details = EventResultDetails.USER_LOCKED
    else:
        _look_up(attempt)
        attempt.password_seen = "password" in credentials
    _note(request, attempt)


@receiver(user_logged_out, dispatch_uid="login_events.signed_out")
def signed_out(request: HttpRequest | None, user: Any, **_: object) -> None:
    """Without a user nobody was signed in: nothing ended."""
    if user is None:
        return
    attempt = Attempt(EventType.LOGOFF, EventResult.SUCCESS, username=user.get_username())
    if request is not None:
        attempt.session_mark = session_mark(request)  # the session itself ends after this signal
    _note(request, attempt)


def _note(request: HttpRequest | None, attempt: Attempt) -> None:
    noted = getattr(request, "login_events", None)
    if isinstance(noted, Noted):
        noted.attempts.append(attempt)
    else:  # a management command, or a request that did not come by the middleware
        journal.write(event(attempt, request))


def _is_locked(request: HttpRequest, credentials: Mapping[str, Any]) -> bool:
    """Whether django-axes has turned the try away, asked as its own backend does.

    Before its receiver counts this failure, so that the one that locks is no lockout yet.
    """
    if not apps.is_installed("axes"):
        return False
    proxy = import_module("axes.handlers.proxy").AxesProxyHandler
    return not proxy.is_allowed(request, dict(credentials))


def _look_up(attempt: Attempt) -> None:
    """Only the log tells a wrong password from an account that is not there.

    One query more for every name, so that the time of the answer tells nothing.
    """
    model: Any = get_user_model()
    try:
        user = model._default_manager.get_by_natural_key(attempt.username)
    except model.DoesNotExist:
        attempt.is_somebody = False
        attempt.details = EventResultDetails.NO_SUCH_USER
    except DatabaseError:
        attempt.details, attempt.original_details = EventResultDetails.OTHER, "AppFault"
    else:
        is_active = getattr(user, "is_active", True)
        attempt.details = (
            EventResultDetails.INCORRECT_PASSWORD if is_active else EventResultDetails.USER_DISABLED
        )
