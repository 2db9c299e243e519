"""Who has given the right password and still owes the code of a second factor."""

import time
from typing import Any

from login_app.services import services
from login_app.users import Account

LIFETIME_SECONDS = 300
_KEY = "pending"

Cookie = Any
"""Flask's session: a mapping that lies, signed, in a cookie."""


def set_pending(cookie: Cookie, account: Account, wanted_page: str) -> None:
    """Notes in the signed cookie that the password was right just now.

    password_set_at is noted too: a code must not complete a sign-in whose password has changed.
    """
    cookie[_KEY] = [account.id, account.password_set_at, int(time.time()), wanted_page]


def pending_account(cookie: Cookie) -> Account | None:
    """The account whose password was right within the last minutes."""
    noted = cookie.get(_KEY)
    if not isinstance(noted, list) or len(noted) != 4:
        return None
    user_id, password_set_at, since, _ = noted
    if not 0 <= time.time() - since <= LIFETIME_SECONDS:
        return None
    account = services().users.get(user_id)
    if account is None or account.is_disabled or account.password_set_at != password_set_at:
        return None
    return account


def wanted_page(cookie: Cookie) -> str:
    """Where the visitor wanted to go."""
    noted = cookie.get(_KEY)
    return str(noted[3]) if isinstance(noted, list) and len(noted) == 4 else ""
