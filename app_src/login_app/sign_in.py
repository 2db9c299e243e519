"""/login, /login/code and /logout: where a visitor becomes a user, or ceases to be one.

What stands in front of them is in guards.py; here is what comes of it.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from login_app import guards
from login_app.attempt import Attempt, attempt_of
from login_app.client_address import network_of
from login_app.error_pages import error_page_for
from login_app.login_events import EventType
from login_app.next_page import AFTER_SIGN_IN, next_page
from login_app.pending import pending_account, set_pending, wanted_page
from login_app.refusals import (
    CHALLENGE_FAILED,
    CHALLENGE_REQUIRED,
    CODE_REQUIRED,
    CROSS_SITE,
    Refusal,
)
from login_app.services import services
from login_app.signed_in import TOKEN, forget, signed_in, unready

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/login")
def login_form() -> Response:
    """The form; `?next=` is kept through the attempts."""
    return _form(request.args.get("next"))


@blueprint.post("/login")
def login() -> AnyResponse:
    """302 for the right password; the refusals have their own statuses."""
    attempt = _attempt(EventType.LOGON)
    token = _judge(attempt, guards.SIGN_IN)
    if attempt.refusal is CROSS_SITE:
        # No error: whoever counts errors by address would blame the visitor for what the foreign
        # page did. A form that was really sent from elsewhere leads to the form of ours.
        return redirect("/login", 303)
    if attempt.refusal is CODE_REQUIRED and attempt.account:
        session.clear()
        set_pending(session, attempt.account, next_page(attempt.field("next")))
        return redirect("/login/code")
    if attempt.refusal:
        return _refused(attempt, attempt.refusal, _login_page(attempt, attempt.refusal))
    return _welcome(attempt, token, next_page(attempt.field("next")))


@blueprint.get("/login/code")
def code_form() -> AnyResponse:
    """The second step's form, for whoever has taken the first."""
    if pending_account(session) is None:
        return redirect("/login")
    return make_response(render_template("code.html"))


@blueprint.post("/login/code")
def code() -> AnyResponse:
    """302 for the right code of whoever gave the right password."""
    attempt = _attempt(EventType.LOGON)
    page = wanted_page(session)
    token = _judge(attempt, guards.SECOND_STEP)
    if attempt.refusal:
        html = render_template("code.html", message=attempt.refusal.message)
        return _refused(attempt, attempt.refusal, make_response(html))
    return _welcome(attempt, token, next_page(page))


@blueprint.post("/logout")
def logout() -> AnyResponse:
    """302 to the front page, signed in or not; the session is over, whoever has its cookie."""
    attempt = _attempt(EventType.LOGOFF)
    with services().journal.attempt(attempt):
        attempt.refusal = guards.first_refusal(attempt, guards.SIGN_OUT)
        found = signed_in() if attempt.refusal not in guards.CHEAP else None
        if found:
            attempt.account, attempt.username = found.account, found.account.username
            attempt.session_mark = found.entry.mark
            if attempt.refusal is None:
                services().sessions.end(found.entry.id)
    if attempt.refusal:
        return _refused(attempt, attempt.refusal, error_page_for(attempt.refusal))
    return forget()


def _attempt(event_type: EventType) -> Attempt:
    return attempt_of(request, event_type, services().settings.trusted_proxies)


def _judge(attempt: Attempt, order: tuple[guards.Guard, ...]) -> str:
    """Lets the guards look, and writes the event; the cookie's text of a new session, or ''."""
    token = ""
    try:
        with services().journal.attempt(attempt):
            attempt.refusal = guards.first_refusal(attempt, order)
            if attempt.refusal is None and attempt.account:
                token, attempt.session_mark = services().sessions.start(
                    attempt.account.id,
                    network_of(attempt.sender.address),
                    attempt.user_agent,
                    two_factors=attempt.account.has_factor,
                )
    except OSError:
        # Nobody has been told of this session, and nobody gets it.
        if token:
            services().sessions.end_token(token)
        raise
    return token


def _welcome(attempt: Attempt, token: str, page: str) -> AnyResponse:
    # A new session: what a stranger may have planted before does not become signed in.
    session.clear()
    session[TOKEN] = token
    account = attempt.account
    response = redirect((account and unready(account)) or page)
    services().devices.remember(response, attempt.device, attempt.username)
    return response


def _login_page(attempt: Attempt, refusal: Refusal) -> Response:
    asks = refusal in (CHALLENGE_REQUIRED, CHALLENGE_FAILED)
    # Whoever had to work once has to again, as long as the name is under attack.
    asks = asks or bool(attempt.field("altcha"))
    return _form(attempt.field("next"), refusal.message, with_challenge=asks)


def _refused(attempt: Attempt, refusal: Refusal, response: AnyResponse) -> AnyResponse:
    response.status_code = refusal.status
    if attempt.retry_after:
        response.headers["Retry-After"] = str(attempt.retry_after)
    return response


def _form(
    wanted: str | None, message: str | None = None, *, with_challenge: bool = False
) -> Response:
    # The username is not put back: the answer must not differ from one name to the next.
    page = next_page(wanted)
    challenges = services().challenges
    html = render_template(
        "login.html",
        message=message,
        next_page=page if page != AFTER_SIGN_IN else None,
        challenge=challenges.make() if with_challenge or challenges.for_everybody else None,
    )
    return make_response(html)
