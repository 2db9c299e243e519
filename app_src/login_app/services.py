"""What a request may use, and how it gets hold of it."""

from dataclasses import dataclass
from typing import cast

from flask import current_app
from flask_limiter import Limiter

from login_app.heartbeat import Heartbeat
from login_app.login_journal import LoginJournal
from login_app.users import UserStore

EXTENSION = "login_app"


@dataclass(frozen=True)
class Services:
    """One set per app, made by create_app."""

    users: UserStore
    journal: LoginJournal
    heartbeat: Heartbeat
    limiter: Limiter
    version: str


def services() -> Services:
    """The services of the app that answers the current request."""
    return cast(Services, current_app.extensions[EXTENSION])
