"""/reset: a new password by a code that an operator made (`python -m login_app reset NAME`).

The code stands behind the # of the link, which browsers keep to themselves, so that it is in no
log; the page's script puts it into the form.
"""

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from login_app import passwords
from login_app.attempt import sender_of, user_agent_of
from login_app.hash_room import Overloaded
from login_app.login_events import EventResult, EventType
from login_app.refusals import OVERLOADED, RATE_LIMITED
from login_app.services import services

blueprint = Blueprint("reset", __name__)
_NO_SUCH_CODE = "This link has been used, or is too old. Please ask for another."


@blueprint.get("/reset")
def reset_form() -> str:
    """The form; the same whether or not there is such a code."""
    return render_template("reset.html")


@blueprint.post("/reset")
def reset() -> Response:
    """302 to /login when the password is set; all sessions have ended then."""
    sender = sender_of(request, services().settings.trusted_proxies)
    if spent := services().throttle.try_address(sender.address):
        response = _again(RATE_LIMITED.message, 429)
        response.headers["Retry-After"] = str(spent.retry_after)
        return response
    code, new = request.form.get("code", ""), request.form.get("password", "")
    user_id = services().reset_codes.owner(code)
    account = services().users.get(user_id)
    if account is None or account.is_disabled:
        return _again(_NO_SUCH_CODE, 400)
    if problem := passwords.objection(new, account.username):
        return _again(problem, 400)
    try:
        new_hash = services().hash_room.run(services().passwords.hash, new)
    except Overloaded:
        return _again(OVERLOADED.message, 503)
    # Used up last, so that a code is good again where something was in the way.
    removes_factor = services().reset_codes.take(code)
    if removes_factor is None:
        return _again(_NO_SUCH_CODE, 400)
    services().users.set_password(account.id, new_hash)
    services().sessions.end_others(account.id)
    if removes_factor and account.has_factor:
        services().second_factors.remove(account)
    services().journal.changed(
        EventType.PASSWORD_RESET,
        account.username,
        actor=None,
        sub_type="ResetCodeWithoutFactor" if removes_factor else "ResetCode",
        sender=sender,
        user_agent=user_agent_of(request),
        result=EventResult.SUCCESS,
    )
    return redirect("/login")


def _again(message: str, status: int) -> Response:
    response = make_response(render_template("reset.html", message=message))
    response.status_code = status
    return response
