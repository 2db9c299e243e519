"""What every form but the sign-in's own must pass: it came from this site, and from its page.

/login, /login/code and /logout have these guards among theirs, with an event for each refusal.
"""

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from login_app.attempt import MAX_BODY_BYTES, is_long
from login_app.error_pages import error_page_for
from login_app.guards import is_cross_site
from login_app.refusals import BODY_TOO_LARGE, CROSS_SITE, CSRF_FAILED

# None: there is no such page, or no such method; which answer that is says routing.
_NO_FORMS = (None, "sign_in.login", "sign_in.code", "sign_in.logout")
_READING = ("GET", "HEAD", "OPTIONS")


def install(app: Flask) -> None:
    """Refuses before the views see anything."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    # A token lives as long as its session; a form that stood open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # The token decides. A Referer check would hang on the scheme, which the front end hides.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    protect = CSRFProtect(app)

    def guard() -> Response | None:
        if request.endpoint in _NO_FORMS or request.method in _READING:
            return None
        if is_cross_site(request):
            return error_page_for(CROSS_SITE)
        if is_long(request):
            return error_page_for(BODY_TOO_LARGE)
        protect.protect()
        return None

    app.before_request(guard)
    app.register_error_handler(CSRFError, _csrf_failed)


def _csrf_failed(_: CSRFError) -> AnyResponse:
    return error_page_for(CSRF_FAILED)
