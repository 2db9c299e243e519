"""/login and /logout: the only place where a visitor becomes a user, or ceases to be one.

The order of the guards in front of login(): limit by address, CSRF token, password. Each ends in
_refuse with its Refusal, and so would a lockout (before the password) or a CAPTCHA.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, session
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from login_app.error_pages import error_page
from login_app.limits import LIMITED_ENDPOINT, seconds_until_allowed
from login_app.login_events import EventType
from login_app.next_page import AFTER_SIGN_IN, next_page
from login_app.refusals import (
    CSRF_FAILED,
    INCORRECT_PASSWORD,
    NO_SUCH_USER,
    RATE_LIMITED,
    Refusal,
)
from login_app.services import services
from login_app.settings import canonical_username
from login_app.users import Account

USER_ID = "user_id"
blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/login")
def login_form() -> Response:
    """The form; `?next=` is kept through the attempts."""
    return _form(request.args.get("next"))


@blueprint.post("/login")
def login() -> AnyResponse:
    """302 for the right password, else 401; guards before it answer 400, 413 or 429."""
    username = canonical_username(request.form.get("username", ""))
    found = services().users.verify(username, request.form.get("password", ""))
    if found.account is None:
        return _refuse(username, INCORRECT_PASSWORD if found.user_exists else NO_SUCH_USER)
    services().journal.success(EventType.LOGON, found.account.username)
    # A new session: what a stranger may have planted before does not become signed in.
    session.clear()
    session[USER_ID] = found.account.id
    return redirect(next_page(request.form.get("next")))


@blueprint.post("/logout")
def logout() -> AnyResponse:
    """302 to the front page, signed in or not."""
    if account := current_account():
        services().journal.success(EventType.LOGOFF, account.username)
    session.clear()
    return redirect("/")


@blueprint.errorhandler(RateLimitExceeded)
def rate_limited(_: RateLimitExceeded) -> Response:
    """429, and when to come back."""
    response = _refuse(_attempted_username(), RATE_LIMITED)
    response.headers["Retry-After"] = str(seconds_until_allowed(services().limiter))
    return response


@blueprint.errorhandler(CSRFError)
def csrf_failed(error: CSRFError) -> AnyResponse:
    """400; a form with a fresh token for /login, the plain error page for /logout."""
    if request.endpoint == LIMITED_ENDPOINT:
        return _refuse(_attempted_username(), CSRF_FAILED)
    account = current_account()
    username = account.username if account else None
    services().journal.failure(EventType.LOGOFF, username, CSRF_FAILED)
    return error_page(error)


def current_account() -> Account | None:
    """Who is signed in; None too when the user has been deleted since."""
    return services().users.get(session.get(USER_ID))


def _refuse(username: str | None, refusal: Refusal) -> Response:
    services().journal.failure(EventType.LOGON, username, refusal)
    response = _form(_form_value("next"), refusal.message)
    response.status_code = refusal.status
    return response


def _form(wanted: str | None, message: str | None = None) -> Response:
    # The username is not put back: the answer must not differ from one name to the next.
    page = next_page(wanted)
    return make_response(
        render_template(
            "login.html", message=message, next_page=page if page != AFTER_SIGN_IN else None
        )
    )


def _attempted_username() -> str | None:
    username = _form_value("username")
    return canonical_username(username) if username else None


def _form_value(name: str) -> str | None:
    try:
        return request.form.get(name)
    except RequestEntityTooLarge:
        return None
