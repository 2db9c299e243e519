"""The pages for people: / and /account."""

from flask import Blueprint, redirect, render_template, session
from werkzeug.wrappers import Response

from login_app.sign_in import USER_ID, current_account

blueprint = Blueprint("pages", __name__)


@blueprint.app_context_processor
def who() -> dict[str, bool]:
    """For the links in the page's head; a look into the session only, no database."""
    return {"signed_in": USER_ID in session}


@blueprint.get("/")
def home() -> str:
    """The front page."""
    return render_template("home.html")


@blueprint.get("/account")
def account() -> str | Response:
    """The page behind the login; where /login leads anyway, so it asks for no `next`."""
    signed_in_account = current_account()
    if signed_in_account is None:
        session.clear()
        return redirect("/login")
    return render_template("account.html", username=signed_in_account.username)
