"""The front page, and the pages of an account: what one sees of it, and changes."""

from datetime import UTC, datetime

from flask import Blueprint, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from login_app import passwords
from login_app.attempt import sender_of, user_agent_of
from login_app.hash_room import Overloaded
from login_app.login_events import EventType
from login_app.refusals import OVERLOADED
from login_app.services import services
from login_app.sessions import Entry
from login_app.signed_in import TOKEN, SignedIn, for_users
from login_app.user_agent import spoken

blueprint = Blueprint("pages", __name__)
_OFFERED = "offered"
"""In the signed cookie: the secret of a second factor that is not confirmed yet."""


@blueprint.app_context_processor
def who() -> dict[str, bool]:
    """For the links in the page's head; a look into the session only, no database."""
    return {"signed_in": TOKEN in session}


@blueprint.app_template_filter("moment")
def moment(seconds: int) -> str:
    """A moment for people, in UTC, since the server does not know where they are."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %Y, %H:%M UTC")


@blueprint.get("/")
def home() -> str:
    """The front page."""
    return render_template("home.html")


@blueprint.get("/account")
@for_users
def account(user: SignedIn) -> str:
    """The page behind the login; where /login leads anyway, so it asks for no `next`."""
    listed = services().sessions.of(user.account.id)
    return render_template(
        "account.html",
        account=user.account,
        sessions=[_shown(entry, user) for entry in listed],
        factor_is_required=services().settings.needs_second_factor(user.account.username),
    )


@blueprint.post("/sessions/end")
@for_users
def end_sessions(user: SignedIn) -> Response:
    """Ends the session of the given number, or all but this one."""
    wanted = request.form.get("session", "")
    if wanted == "others":
        ended = services().sessions.end_others(user.account.id, kept=user.entry.id)
    else:
        number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 12 else 0
        ended = int(services().sessions.end(number, user.account.id))
    if ended:
        _tell(user, EventType.USER_MODIFIED, "SessionsEnded")
    return redirect("/account")


def password_form(user: SignedIn) -> str:
    """The form for a new password."""
    return _password_page(user)


def change_password(user: SignedIn) -> str | Response:
    """302 when it is done; the old password is asked for, whoever sits at the browser."""
    old, new = request.form.get("current", ""), request.form.get("password", "")
    if services().throttle.try_code(f"password of {user.account.id}"):
        return _again(
            _password_page(user, "Too many tries. Please wait a quarter of an hour."), 429
        )
    try:
        found = services().hash_room.run(services().users.verify, user.account.username, old)
        if not found.is_right:
            return _again(_password_page(user, "The current password is wrong."), 401)
        if new == old:
            return _again(_password_page(user, "That is the password you have."), 400)
        if problem := passwords.objection(new, user.account.username):
            return _again(_password_page(user, problem), 400)
        new_hash = services().hash_room.run(services().passwords.hash, new)
    except Overloaded:
        return _again(_password_page(user, OVERLOADED.message), 503)
    services().users.set_password(user.account.id, new_hash)
    services().sessions.end_others(user.account.id, kept=user.entry.id)
    _tell(user, EventType.PASSWORD_CHANGED)
    return redirect("/account")


def factor_form(user: SignedIn) -> str:
    """A secret to take over into an authenticator app, or the way to remove one."""
    if user.account.has_factor:
        return render_template("factor_remove.html", account=user.account)
    return _enrolment_page(user)


def change_factor(user: SignedIn) -> str | Response:
    """Adds the second factor whose code proves it, or removes it with the password."""
    if services().throttle.try_code(f"factor of {user.account.id}"):
        words = "Too many tries. Please wait a quarter of an hour."
        return _again(render_template("notice.html", words=words), 429)
    return _remove_factor(user) if user.account.has_factor else _add_factor(user)


for _path, _see, _do in (
    ("/password", password_form, change_password),
    ("/second-factor", factor_form, change_factor),
):
    blueprint.get(_path)(for_users(_see, even_unready=True))
    blueprint.post(_path)(for_users(_do, even_unready=True))


def _add_factor(user: SignedIn) -> str | Response:
    """A browser that its owner has left open must not add the factor of somebody else."""
    if not user.is_fresh:
        try:
            if not _knows_password(user):
                return _again(_enrolment_page(user, "The password is wrong."), 401)
        except Overloaded:
            return _again(_enrolment_page(user, OVERLOADED.message), 503)
    secret = session.get(_OFFERED)
    code = request.form.get("code", "")
    codes = services().second_factors.add(user.account, secret, code) if secret else None
    if codes is None:
        words = "This code is wrong. Please enter the current one."
        return _again(_enrolment_page(user, words), 400)
    session.pop(_OFFERED, None)
    services().sessions.end_others(user.account.id, kept=user.entry.id)
    _tell(user, EventType.USER_MODIFIED, "SecondFactorAdded")
    return render_template("recovery_codes.html", codes=codes)


def _remove_factor(user: SignedIn) -> str | Response:
    try:
        is_owner = _knows_password(user)
    except Overloaded:
        return _again(render_template("notice.html", words=OVERLOADED.message), 503)
    if not is_owner:
        page = render_template(
            "factor_remove.html", account=user.account, message="The password is wrong."
        )
        return _again(page, 401)
    services().second_factors.remove(user.account)
    _tell(user, EventType.USER_MODIFIED, "SecondFactorRemoved")
    return redirect("/account")


def _knows_password(user: SignedIn) -> bool:
    given = request.form.get("password", "")
    found = services().hash_room.run(services().users.verify, user.account.username, given)
    return found.is_right


def _password_page(user: SignedIn, message: str | None = None) -> str:
    return render_template("password.html", account=user.account, message=message)


def _enrolment_page(user: SignedIn, message: str | None = None) -> str:
    offer = services().second_factors.enrol(user.account, session.get(_OFFERED))
    # In the cookie it is signed, not hidden; the browser it lies in is the one that shows it.
    session[_OFFERED] = offer.secret
    return render_template(
        "factor_add.html", offer=offer, message=message, asks_password=not user.is_fresh
    )


def _again(html: str, status: int) -> Response:
    response = make_response(html)
    response.status_code = status
    return response


def _tell(user: SignedIn, event_type: EventType, sub_type: str | None = None) -> None:
    services().journal.changed(
        event_type,
        user.account.username,
        actor=user.account.username,
        sub_type=sub_type,
        sender=sender_of(request, services().settings.trusted_proxies),
        user_agent=user_agent_of(request),
    )


def _shown(entry: Entry, user: SignedIn) -> dict[str, object]:
    return {
        "id": entry.id,
        "device": spoken(entry.user_agent),
        "network": entry.network,
        "created_at": entry.created_at,
        "seen_at": entry.seen_at,
        "is_live": services().sessions.is_live(entry),
        "is_this": entry.id == user.entry.id,
    }
