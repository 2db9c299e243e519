"""Small pages for errors, in place of the framework's."""

from http import HTTPStatus

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

_WORDS = {
    400: "Your browser sent something that this site cannot work with.",
    404: "There is no such page.",
    405: "This page cannot be used that way.",
    413: "That was too much to read.",
    500: "Something went wrong on our side. It has been noted.",
}


def install(app: Flask) -> None:
    """Unhandled exceptions come here as a 500, after the app's logger has written them down."""
    app.register_error_handler(HTTPException, error_page)


def error_page(error: HTTPException) -> Response:
    """The page for this error, with the error's own status and headers."""
    response = Response(status=error.code, headers=error.get_headers())
    title = HTTPStatus(response.status_code).phrase
    words = _WORDS.get(response.status_code, "That did not work.")
    response.set_data(
        render_template("error.html", code=response.status_code, title=title, words=words)
    )
    response.content_type = "text/html; charset=utf-8"
    return response
