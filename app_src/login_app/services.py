"""What a request may use, and how it gets hold of it."""

from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlalchemy import Engine

from login_app.challenge import Challenges
from login_app.device import Devices
from login_app.hash_room import HashRoom
from login_app.heartbeat import Heartbeat
from login_app.journal import Journal
from login_app.passwords import Passwords
from login_app.reset_codes import ResetCodes
from login_app.second_factor import SecondFactors
from login_app.sessions import SessionStore
from login_app.settings import Settings
from login_app.throttle import Throttle
from login_app.users import UserStore
from login_app.wrong_passwords import WrongPasswords

EXTENSION = "login_app"


@dataclass(frozen=True)
class Services:
    """One set per app, made by create_app."""

    settings: Settings
    engine: Engine
    passwords: Passwords
    users: UserStore
    sessions: SessionStore
    second_factors: SecondFactors
    reset_codes: ResetCodes
    devices: Devices
    throttle: Throttle
    challenges: Challenges
    wrong_passwords: WrongPasswords
    hash_room: HashRoom
    journal: Journal
    heartbeat: Heartbeat
    version: str

    def close(self) -> None:
        """Writes what is left to write, and closes what is open."""
        self.hash_room.close()
        self.journal.close()
        self.engine.dispose()


def services() -> Services:
    """The services of the app that answers the current request."""
    return cast(Services, current_app.extensions[EXTENSION])
