"""Small pages for errors, in place of the framework's; they cannot fail themselves.

They use nothing of the request: no adapter for URLs, which a broken Host leaves out, no session,
no database.
"""

import logging
from http import HTTPStatus

from flask import Flask, Response, current_app
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from login_app.refusals import Refusal

RETRY_AFTER_SECONDS = 10
_WORDS = {
    400: "Your browser sent something that this site cannot work with.",
    403: "This request came from another site.",
    404: "There is no such page.",
    405: "This page cannot be used that way.",
    413: "That was too much to read.",
    500: "Something went wrong on our side. It has been noted.",
    503: "This cannot be done at this moment. Please try again in a minute.",
}
_LOG = logging.getLogger("login_app.error_pages")


def install(app: Flask) -> None:
    """Unhandled exceptions come here, as a 500, or a 503 where waiting may help."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SQLAlchemyError, _unavailable)
    app.register_error_handler(OSError, _unavailable)


def error_page_for(refusal: Refusal) -> Response:
    """A refusal without a form to go back to."""
    return _page(refusal.status, refusal.message)


def _http_error(error: HTTPException) -> AnyResponse:
    response: AnyResponse = _page(error.code or 500)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    if location := getattr(error, "new_url", None):  # a redirect is an exception here, too
        response.headers["Location"] = location
    return response


def _unavailable(error: Exception) -> AnyResponse:
    _LOG.error("a page is not available", exc_info=error)
    response = _page(503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(status: int, words: str | None = None) -> Response:
    template = current_app.jinja_env.get_template("error.html")
    known = status in {each.value for each in HTTPStatus}
    html = template.render(
        code=status,
        title=HTTPStatus(status).phrase if known else "Error",
        words=words or _WORDS.get(status, "That did not work."),
    )
    return Response(html, status=status, content_type="text/html; charset=utf-8")
