"""Why a request to sign in or out is refused: what the log is told, and what the visitor is told.

A new guard (a lockout, a CAPTCHA) adds its refusal here and raises or returns it in sign_in.
"""

from dataclasses import dataclass

from login_app.login_events import EventResultDetails


@dataclass(frozen=True)
class Refusal:
    """One reason: HTTP status and words for the visitor, ASIM details for the log."""

    status: int
    message: str
    details: EventResultDetails
    original_details: str | None = None


# One sentence for both: the visitor must not learn which names exist.
_WRONG = "The username or the password is wrong."

INCORRECT_PASSWORD = Refusal(401, _WRONG, EventResultDetails.INCORRECT_PASSWORD)
NO_SUCH_USER = Refusal(401, _WRONG, EventResultDetails.NO_SUCH_USER)
RATE_LIMITED = Refusal(
    429,
    "Too many attempts from your address. Please wait a minute and try again.",
    EventResultDetails.LOGON_VIOLATES_POLICY,
    "RateLimited",
)
CSRF_FAILED = Refusal(
    400,
    "This page was open for too long, or your browser blocks cookies. Please try again.",
    EventResultDetails.OTHER,
    "CsrfFailed",
)
