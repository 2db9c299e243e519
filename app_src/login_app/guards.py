"""What stands in front of a sign-in: guards in the order of their price, the cheapest first.

Each looks at the attempt and returns its refusal, or None to let it pass. A new defence is one
more function, its place in a tuple, and its refusal.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Request, session
from flask_wtf.csrf import validate_csrf
from wtforms.validators import ValidationError

from login_app import passwords, refusals
from login_app.attempt import Attempt
from login_app.challenge import FIELD
from login_app.client_address import network_of
from login_app.hash_room import Overloaded
from login_app.login_events import LogonMethod
from login_app.pending import pending_account
from login_app.refusals import Refusal
from login_app.services import services
from login_app.throttle import Spent

Guard = Callable[[Attempt], Refusal | None]


def first_refusal(attempt: Attempt, guards: Sequence[Guard]) -> Refusal | None:
    """The refusal of the first guard that has one."""
    return next((refusal for guard in guards if (refusal := guard(attempt))), None)


def is_cross_site(sent: Request) -> bool:
    """Whether a page of another site made the browser send this.

    Browsers say so, and no page can make them say otherwise. Programs say nothing, and go on to
    the next guard. Origin is asked only where the better word is missing: a proxy may have
    changed the Host that it is compared with.
    """
    if site := sent.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = sent.headers.get("Origin")
    return origin is not None and _host(origin) != sent.headers.get("Host", "").lower()


def own_site(attempt: Attempt) -> Refusal | None:
    """Before anything is counted: the visitor is not to blame for what a foreign page sends."""
    return refusals.CROSS_SITE if is_cross_site(attempt.request) else None


def size(attempt: Attempt) -> Refusal | None:
    """A form is small."""
    return refusals.BODY_TOO_LARGE if attempt.is_too_long else None


def address_limit(attempt: Attempt) -> Refusal | None:
    """Tries of the network; a device that knows the account is counted by itself."""
    attempt.device = services().devices.read(attempt.request)
    attempt.is_known_device = services().devices.knows(attempt.device, attempt.username)
    throttle = services().throttle
    if attempt.device and attempt.is_known_device:
        spent = throttle.try_device(attempt.device.id)
    else:
        spent = throttle.try_address(attempt.sender.address)
    return _limited(attempt, spent, refusals.RATE_LIMITED)


def sign_out_limit(attempt: Attempt) -> Refusal | None:
    """Signing out writes lines, too."""
    spent = services().throttle.try_sign_out(attempt.sender.address)
    return _limited(attempt, spent, refusals.RATE_LIMITED)


def token(attempt: Attempt) -> Refusal | None:
    """The form came from this app, in this browser."""
    try:
        validate_csrf(attempt.field("csrf_token"))
    except ValidationError:
        return refusals.CSRF_FAILED
    return None


def account_throttle(attempt: Attempt) -> Refusal | None:
    """A name that failed too often is closed to strangers, whether or not there is such a user."""
    if attempt.is_known_device or not attempt.username:
        return None
    spent = services().throttle.locked(attempt.username)
    return _limited(attempt, spent, refusals.USER_LOCKED)


def challenge(attempt: Attempt) -> Refusal | None:
    """Work for whoever tries a name that is under attack."""
    challenges = services().challenges
    if not challenges.wanted(attempt.username, is_known_device=attempt.is_known_device):
        return None
    if solution := attempt.field(FIELD):
        return None if challenges.solved(solution) else refusals.CHALLENGE_FAILED
    return refusals.CHALLENGE_REQUIRED


def password(attempt: Attempt) -> Refusal | None:
    """The dear step; its room has a door of its own."""
    given = attempt.field("password")
    try:
        found = services().hash_room.run(services().users.verify, attempt.username, given)
    except Overloaded:
        attempt.retry_after = 2
        return refusals.OVERLOADED
    attempt.account = found.account
    attempt.method = LogonMethod.PASSWORD
    attempt.password_known_leaked = passwords.is_known(given)
    if found.account:
        network = network_of(attempt.sender.address)
        attempt.familiar_place = attempt.is_known_device or services().sessions.is_familiar(
            found.account.id, network
        )
    if found.account and found.is_right:
        return refusals.USER_DISABLED if found.account.is_disabled else None
    services().throttle.failed(attempt.username)
    attempt.same_wrong_password = services().wrong_passwords.is_same_as_before(
        attempt.username, given
    )
    return refusals.INCORRECT_PASSWORD if found.account else refusals.NO_SUCH_USER


def second_factor(attempt: Attempt) -> Refusal | None:
    """Whoever has a second factor is asked for it next."""
    return refusals.CODE_REQUIRED if attempt.account and attempt.account.has_factor else None


def pending(attempt: Attempt) -> Refusal | None:
    """A code follows a right password, within minutes."""
    attempt.account = pending_account(session)
    if attempt.account is None:
        return refusals.CODE_EXPIRED
    attempt.username = attempt.account.username
    attempt.is_known_device = services().devices.knows(attempt.device, attempt.username)
    attempt.method = LogonMethod.TWO_FACTORS
    return None


def code_limit(attempt: Attempt) -> Refusal | None:
    """Six digits are guessed in a million tries, and not in five."""
    return _limited(attempt, services().throttle.try_code(attempt.username), refusals.CODE_LIMITED)


def code(attempt: Attempt) -> Refusal | None:
    """The code of now, or a recovery code."""
    is_good = attempt.account and services().second_factors.accepts(
        attempt.account, attempt.field("code")
    )
    return None if is_good else refusals.CODE_WRONG


SIGN_IN: tuple[Guard, ...] = (
    own_site,
    size,
    address_limit,
    token,
    account_throttle,
    challenge,
    password,
    second_factor,
)
SECOND_STEP: tuple[Guard, ...] = (
    own_site,
    size,
    address_limit,
    token,
    pending,
    code_limit,
    code,
)
SIGN_OUT: tuple[Guard, ...] = (own_site, size, sign_out_limit, token)

CHEAP = (refusals.CROSS_SITE, refusals.BODY_TOO_LARGE, refusals.RATE_LIMITED)
"""Refusals after which nothing is looked up in the database."""


def _limited(attempt: Attempt, spent: Spent | None, refusal: Refusal) -> Refusal | None:
    if spent is None:
        return None
    attempt.retry_after = spent.retry_after
    return refusal


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
