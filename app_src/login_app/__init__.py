"""The login app: create_app composes it; each module holds one noun."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from login_app import (
    error_pages,
    form_guard,
    health,
    initial_users,
    pages,
    reset,
    security_headers,
    sign_in,
)
from login_app.challenge import Challenges
from login_app.console import Console
from login_app.counters import Counters
from login_app.database import migrate, one_at_a_time, open_database, refused
from login_app.device import Devices
from login_app.hash_room import HashRoom
from login_app.heartbeat import Heartbeat
from login_app.journal import Journal
from login_app.passwords import Passwords
from login_app.reset_codes import ResetCodes
from login_app.second_factor import SecondFactors
from login_app.services import EXTENSION, Services
from login_app.sessions import SessionStore
from login_app.settings import InitialPasswords, Settings
from login_app.throttle import Throttle
from login_app.users import UserStore
from login_app.wrong_passwords import WrongPasswords

SESSION_COOKIE = "__Host-session"


class _SignedCookies(SecureCookieSessionInterface):
    """Signed with SHA-256, and without an age: how long a session lasts, the database knows.

    An age here would also end what was signed before the clock was set back.
    """

    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        serializer = self.get_signing_serializer(app)
        if serializer is None:
            return None
        try:
            return self.session_class(
                serializer.loads(request.cookies.get(self.get_cookie_name(app), ""))
            )
        except BadSignature:
            return self.session_class()


def create_app(settings: Settings, write_line: Callable[[str], None] | None = None) -> Flask:
    """A ready app whose users exist; SettingsError when a setting cannot work.

    write_line takes each event, and must have written it when it returns; standard output by
    default.
    """
    app = Flask(__name__)
    app.session_interface = _SignedCookies()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        # A __Host- cookie comes from this host by https, and from nowhere else.
        SESSION_COOKIE_NAME=SESSION_COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # declared on the default provider
    app.extensions[EXTENSION] = made = _services(settings, write_line or Console().write_line)
    _prepare(made.engine, made, settings)
    form_guard.install(app)
    for room in (pages, sign_in, reset, health):
        app.register_blueprint(room.blueprint)
    error_pages.install(app)
    security_headers.install(app)
    return app


def _services(settings: Settings, write_line: Callable[[str], None]) -> Services:
    # First what can be refused, then what has threads and connections to close.
    throttle = Throttle(Counters(settings.rate_limit_storage_url), settings.rate_limit)
    engine = open_database(settings.database_url, settings.database_identity)
    passwords = Passwords(settings.hash_cost)
    users = UserStore(engine, passwords)
    return Services(
        settings=settings,
        engine=engine,
        passwords=passwords,
        users=users,
        sessions=SessionStore(engine, settings.session_hours, settings.session_idle_minutes),
        second_factors=SecondFactors(users, settings.app_name),
        reset_codes=ResetCodes(engine),
        devices=Devices(settings.secret_key),
        throttle=throttle,
        challenges=Challenges(settings.captcha, settings.secret_key, throttle),
        wrong_passwords=WrongPasswords(),
        hash_room=HashRoom(),
        journal=Journal(settings.app_name, write_line),
        heartbeat=Heartbeat(settings.app_name, write_line),
        version=health.read_version(Path(__file__).parents[1]),
    )


def _prepare(engine: Engine, made: Services, settings: Settings) -> None:
    """The tables and the accounts, by one process at a time."""
    try:
        with one_at_a_time(engine):
            migrate(engine)
            if settings.initial_users is None:
                return
            changes = initial_users.apply(
                engine,
                made.passwords,
                settings.initial_users,
                must_change=settings.initial_passwords is InitialPasswords.CHANGE,
            )
    except (DBAPIError, OSError) as error:
        engine.dispose()
        raise refused(settings.database_url, error) from None
    for change in changes:
        made.journal.changed(change.event_type, change.username, actor=None, sub_type="Setting")
