"""Who is signed in: the session behind a request's cookie."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import g, redirect, request, session
from werkzeug.wrappers import Response

from login_app.attempt import sender_of, user_agent_of
from login_app.services import services
from login_app.sessions import Entry, State
from login_app.users import Account

TOKEN = "sid"  # noqa: S105 - the name of a key
FRESH_SECONDS = 300
"""How old a sign-in may be for changes that a borrowed browser must not make."""


@dataclass(frozen=True)
class SignedIn:
    """An account and the session that it is used in."""

    account: Account
    entry: Entry

    @property
    def is_fresh(self) -> bool:
        """Whether the password was given in this browser within the last minutes."""
        return 0 <= time.time() - self.entry.created_at <= FRESH_SECONDS


def signed_in() -> SignedIn | None:
    """Looked up once a request; a cookie whose session is over is thrown away."""
    if "signed_in" not in g:
        g.signed_in = _look_up()
    found: SignedIn | None = g.signed_in
    return found


def _look_up() -> SignedIn | None:
    token = session.get(TOKEN)
    if token is None:
        return None
    state, entry = services().sessions.find(token)
    account = services().users.get(entry.user_id) if entry else None
    if state is State.LIVE and entry and account and not account.is_disabled:
        return SignedIn(account, entry)
    session.clear()
    if entry and account and state is not State.UNKNOWN:
        services().journal.session_over(
            account.username,
            entry.mark,
            sender_of(request, services().settings.trusted_proxies),
            user_agent_of(request),
            "SessionExpired" if state is State.EXPIRED else "SessionReplayed",
        )
    return None


def for_users(page: Callable[[SignedIn], Any], *, even_unready: bool = False) -> Callable[[], Any]:
    """The page for whoever is signed in; others are asked to sign in first.

    Whoever has to change the password, or to add a second factor, is led there from each page
    but those that are there for it.
    """

    @wraps(page)
    def guarded() -> Any:
        found = signed_in()
        if found is None:
            return redirect("/login")
        if not even_unready and (place := unready(found.account)):
            return redirect(place)
        return page(found)

    return guarded


def unready(account: Account) -> str | None:
    """Where an account has to go before it can be used."""
    if account.must_change:
        return "/password"
    if services().settings.needs_second_factor(account.username) and not account.has_factor:
        return "/second-factor"
    return None


def forget() -> Response:
    """Signed out, on the front page."""
    session.clear()
    g.pop("signed_in", None)
    return redirect("/")
