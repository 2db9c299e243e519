"""The proof of work that a sign-in form may ask for, solved as a browser's script does."""

import base64
import hashlib
import json
from html.parser import HTMLParser
from itertools import count

FIELD = "altcha"
_ATTRIBUTE = "data-challenge"

# A puzzle of ours takes some hundreds of keys; a page that asks for more is not worked for.
_MOST_KEYS = 20_000


def in_page(html: str) -> str | None:
    """The challenge of the page's form, as JSON; None where it asks for no work."""
    if _ATTRIBUTE not in html:
        return None
    form = _Form()
    form.feed(html)
    return form.challenge


def solution(challenge: str) -> str | None:
    """What the form wants back; None for a challenge that is of another kind, or too dear."""
    try:
        asked = json.loads(challenge)
        parameters = asked["parameters"]
        nonce, salt = bytes.fromhex(parameters["nonce"]), bytes.fromhex(parameters["salt"])
        prefix, cost, length = parameters["keyPrefix"], parameters["cost"], parameters["keyLength"]
        if parameters["algorithm"] != "PBKDF2/SHA-256":
            return None
    except (ValueError, KeyError, TypeError):
        return None
    for counter in count():
        if counter >= _MOST_KEYS:
            return None
        password = nonce + counter.to_bytes(4, "big")
        key = hashlib.pbkdf2_hmac("sha256", password, salt, cost, length).hex()
        if key.startswith(prefix):
            found = {"counter": counter, "derivedKey": key}
            text = json.dumps({"challenge": asked, "solution": found})
            return base64.b64encode(text.encode()).decode()
    return None


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.challenge: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form" and self.challenge is None:
            self.challenge = dict(attrs).get(_ATTRIBUTE)
