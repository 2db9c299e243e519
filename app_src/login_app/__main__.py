"""For operators, inside the app's environment: python -m login_app reset NAME."""

import argparse
import os
import sys

from sqlalchemy.exc import SQLAlchemyError

from login_app.database import open_database
from login_app.passwords import Passwords
from login_app.reset_codes import LIFETIME_SECONDS, ResetCodes
from login_app.settings import Settings, SettingsError, canonical_username
from login_app.users import UserStore


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, or 2 with one line that says what cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python -m login_app",
        description="Makes a link with which a user sets a new password, once and for an hour.",
    )
    parser.add_argument("verb", choices=["reset"])
    parser.add_argument("name", help="user name")
    parser.add_argument(
        "--remove-second-factor",
        action="store_true",
        help="the link also takes the second factor away, for somebody who has lost it",
    )
    options = parser.parse_args(arguments)
    try:
        link = _reset_link(options.name, removes_factor=options.remove_second_factor)
    except (SettingsError, SQLAlchemyError, LookupError) as error:
        told = error if isinstance(error, (SettingsError, LookupError)) else type(error).__name__
        sys.stderr.write(f"login app: {told}\n")
        return 2
    minutes = LIFETIME_SECONDS // 60
    sys.stdout.write(f"{link}\nGood once, for {minutes} minutes. Hand it to {options.name} only.\n")
    return 0


def _reset_link(name: str, *, removes_factor: bool) -> str:
    settings = Settings.read(os.environ)
    engine = open_database(settings.database_url, settings.database_identity)
    try:
        users = UserStore(engine, Passwords(settings.hash_cost))
        account = users.find(canonical_username(name))
        if account is None or account.is_disabled:
            raise LookupError(f"{name[:40]!a} has no account; a name of INITIAL_USERS is expected")
        code = ResetCodes(engine).make(account, removes_factor=removes_factor)
    finally:
        engine.dispose()
    host = os.environ.get("WEBSITE_HOSTNAME", f"localhost:{settings.port}")
    return f"https://{host}/reset#{code}"


if __name__ == "__main__":
    sys.exit(main())
