"""No request needs to send more than a form; longer ones get 413."""

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

MAX_BODY_BYTES = 16 * 1024


def install(app: Flask) -> None:
    """Refuses a longer body before anything parses it, also one whose length was not announced."""
    # One more than allowed: a chunked body is not refused at this limit, but cut off there.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1
    app.before_request(_refuse_long_body)


def _refuse_long_body() -> None:
    if len(request.get_data()) > MAX_BODY_BYTES:
        raise RequestEntityTooLarge
