"""Where a visitor goes after signing in. Pure."""

import re

AFTER_SIGN_IN = "/account"

# A path on this site: one slash, then visible ASCII. `//host`, `/\host` and tabs or newlines,
# which browsers drop, would all lead elsewhere.
_OWN_PATH = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]{0,500})?")


def next_page(wanted: str | None) -> str:
    """The wanted page if it is one of ours, else the account page."""
    return wanted if wanted and _OWN_PATH.fullmatch(wanted) else AFTER_SIGN_IN
