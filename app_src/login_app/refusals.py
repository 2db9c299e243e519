"""Why a request to sign in or out is refused: what the log is told, and what the visitor is told.

A new guard adds its refusal here and returns it; docs/events.md lists them all by itself.
"""

from dataclasses import dataclass

from login_app.login_events import EventResult, EventResultDetails


@dataclass(frozen=True)
class Refusal:
    """One reason: HTTP status and words for the visitor, ASIM details for the log."""

    status: int
    message: str
    details: EventResultDetails
    original_details: str | None = None
    meaning: str = ""
    """For docs/events.md: when it happens."""
    result: EventResult = EventResult.FAILURE
    checks_password: bool = False
    """Whether a password was looked at, so that the try was one at guessing."""


# One sentence for both: the visitor must not learn which names exist.
_WRONG = "The username or the password is wrong."
_POLICY = EventResultDetails.LOGON_VIOLATES_POLICY
_OTHER = EventResultDetails.OTHER

CROSS_SITE = Refusal(
    403,
    "This request came from another site. Please use the form on this page.",
    _POLICY,
    "CrossSite",
    "A page of another site made the browser send the form; the visitor did nothing.",
)
BODY_TOO_LARGE = Refusal(
    413,
    "That was too much to read.",
    _OTHER,
    "BodyTooLarge",
    "More was sent than the form can hold; nothing of it was read, not even the name.",
)
RATE_LIMITED = Refusal(
    429,
    "Too many attempts from your address. Please wait and try again.",
    _POLICY,
    "RateLimited",
    "The address, or its network, has used up its attempts.",
)
CSRF_FAILED = Refusal(
    400,
    "This page was open for too long, or your browser blocks cookies. Please try again.",
    _OTHER,
    "CsrfFailed",
    "The form's token is missing or wrong; no password was looked at.",
)
USER_LOCKED = Refusal(
    429,
    "There were too many failed attempts for this name. On a device that has signed in before "
    "you still can; elsewhere, try again tomorrow or ask whoever runs this site.",
    EventResultDetails.USER_LOCKED,
    None,
    "Too many failures for this name within a day, and the device is unknown.",
)
CHALLENGE_REQUIRED = Refusal(
    401,
    "Please enter your password once more. Your browser first solves a small puzzle, which shows "
    "that no program is trying passwords.",
    _POLICY,
    "ChallengeRequired",
    "A proof of work was asked for and none came; no password was looked at.",
)
CHALLENGE_FAILED = Refusal(
    401,
    "The puzzle was not solved, or its solution was used before. Please try again.",
    _POLICY,
    "ChallengeFailed",
    "The proof of work was wrong, too late or used before; no password was looked at.",
)
OVERLOADED = Refusal(
    503,
    "Too many people are signing in at this moment. Please try again.",
    _POLICY,
    "Overloaded",
    "More sign-ins at once than the app can work on; no password was looked at.",
)
INCORRECT_PASSWORD = Refusal(
    401,
    _WRONG,
    EventResultDetails.INCORRECT_PASSWORD,
    None,
    "The password is wrong.",
    checks_password=True,
)
NO_SUCH_USER = Refusal(
    401,
    _WRONG,
    EventResultDetails.NO_SUCH_USER,
    None,
    "There is no such user; the visitor is answered as for a wrong password.",
    checks_password=True,
)
USER_DISABLED = Refusal(
    401,
    _WRONG,
    EventResultDetails.USER_DISABLED,
    None,
    "The password is right, and the account has been disabled.",
    checks_password=True,
)
CODE_REQUIRED = Refusal(
    302,
    "",
    EventResultDetails.MFA_NOT_SATISFIED,
    "CodeRequired",
    "The password is right, and the second factor is asked for.",
    result=EventResult.PARTIAL,
    checks_password=True,
)
CODE_WRONG = Refusal(
    401,
    "This code is wrong, or was used before. Please enter the current one.",
    EventResultDetails.MFA_NOT_SATISFIED,
    "CodeWrong",
    "The password was right, the code of the second factor was not.",
)
CODE_LIMITED = Refusal(
    429,
    "Too many wrong codes. Please wait a quarter of an hour and sign in again.",
    EventResultDetails.MFA_NOT_SATISFIED,
    "CodeLimited",
    "Too many wrong codes for this account; the code was not looked at.",
)
CODE_EXPIRED = Refusal(
    400,
    "That took too long. Please sign in again.",
    EventResultDetails.SESSION_EXPIRED,
    "CodeExpired",
    "A code came without, or too long after, the password.",
)
UNAVAILABLE = Refusal(
    503,
    "The site cannot sign anybody in at this moment. Please try again in a minute.",
    _OTHER,
    "AppFault",
    "The app or its database failed; whether the password was right is not known.",
)
