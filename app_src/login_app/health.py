"""/health: what App Service's health check and the deployment wait for."""

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from login_app.services import services

VERSION_OF_SOURCE_TREE = "source"
blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> tuple[Response, int]:
    """200 when the database answers and lines are taken, else 503; the names prove that it is this
    app.
    """
    status, code = "ok", 200
    try:
        services().users.ping()
    except SQLAlchemyError as error:
        current_app.logger.error("database does not answer: %s", type(error).__name__)
        status, code = "database does not answer", 503
    try:
        services().journal.settle()
        services().heartbeat.beat(datetime.now(UTC))
    except OSError:
        status, code = "nobody takes the log", 503
    return jsonify(status=status, app="login-monitor", version=services().version), code


def read_version(folder: Path) -> str:
    """The text of VERSION, which the bundle puts beside wsgi.py."""
    try:
        return (folder / "VERSION").read_text(encoding="utf-8").strip() or VERSION_OF_SOURCE_TREE
    except FileNotFoundError:
        return VERSION_OF_SOURCE_TREE
