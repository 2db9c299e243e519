"""One browser, tool or probe as the server sees it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """Where requests come from; two visitors with the same `browser` share its cookies."""

    key: str
    address: str
    user_agent: str
    forwarded_for: str | None = None
    """X-Forwarded-For as the client itself writes it: a forgery."""
    browser: str | None = None
    """Name of the cookie jar; a phone that changes its address keeps it. None: the key."""

    @property
    def jar(self) -> str:
        return self.browser or self.key
