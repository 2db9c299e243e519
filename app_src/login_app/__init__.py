"""The login app: create_app composes it; each module holds one noun."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy.exc import DBAPIError

from login_app import body_limit, console, error_pages, health, pages, security_headers, sign_in
from login_app.database import open_database, refused
from login_app.heartbeat import Heartbeat
from login_app.limits import limit_sign_ins
from login_app.login_journal import LoginJournal
from login_app.services import EXTENSION, Services
from login_app.settings import Settings
from login_app.users import UserStore

SESSION_LIFETIME = timedelta(hours=12)


def create_app(settings: Settings, write_line: Callable[[str], None] = console.write_line) -> Flask:
    """A ready app whose first users exist; SettingsError when a setting cannot work.

    write_line takes each login event, and must have written it when it returns.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # No Expires is sent; this is how long the server takes a cookie that it signed.
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        # A token lives as long as its session; a form that stood open over lunch still works.
        WTF_CSRF_TIME_LIMIT=None,
        # The token decides. A Referer check would hang on the scheme, which the front end hides.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # declared on the default provider

    users = _users(settings)
    # In the order in which requests meet them: a flood must meet the limit, token or not.
    limiter = limit_sign_ins(app, settings)
    body_limit.install(app)
    CSRFProtect(app)
    app.extensions[EXTENSION] = Services(
        users=users,
        journal=LoginJournal(settings.app_name, write_line),
        heartbeat=Heartbeat(settings.app_name, write_line),
        limiter=limiter,
        version=health.read_version(Path(__file__).parents[1]),
    )
    for room in (pages, sign_in, health):
        app.register_blueprint(room.blueprint)
    error_pages.install(app)
    security_headers.install(app)
    return app


def _users(settings: Settings) -> UserStore:
    engine = open_database(settings.database_url, settings.database_identity)
    try:
        users = UserStore(engine)
        users.create_absent(settings.initial_users)
    except DBAPIError as error:
        raise refused(settings.database_url, error) from None
    return users
