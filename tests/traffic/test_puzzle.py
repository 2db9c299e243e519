"""The proof of work of a form: found in the page, solved, and refused where it is another kind."""

import base64
import hashlib
import json
from html import escape
from typing import Any

import pytest

from traffic import puzzle

PARAMETERS: dict[str, Any] = {
    "algorithm": "PBKDF2/SHA-256",
    "nonce": "00" * 16,
    "salt": "11" * 16,
    "cost": 10,
    "keyLength": 32,
    "keyPrefix": "0",
}


def challenge(**changes: object) -> str:
    return json.dumps({"parameters": PARAMETERS | changes, "signature": "s"})


def test_the_challenge_of_a_page_is_read_whole() -> None:
    page = f'<p>x</p><form method="post" data-challenge="{escape(challenge())}"></form>'
    assert puzzle.in_page(page) == challenge()
    assert puzzle.in_page('<form method="post"></form> data-challenge') is None


def test_the_solution_is_what_was_asked_for() -> None:
    solution = puzzle.solution(challenge())
    assert solution
    found = json.loads(base64.b64decode(solution))
    password = bytes(16) + found["solution"]["counter"].to_bytes(4, "big")
    key = hashlib.pbkdf2_hmac("sha256", password, b"\x11" * 16, 10, 32).hex()
    assert key == found["solution"]["derivedKey"]
    assert key.startswith("0")
    assert found["challenge"] == json.loads(challenge())


@pytest.mark.parametrize(
    "asked",
    ["", "x", "[]", "{}", challenge(algorithm="ARGON2ID"), challenge(nonce="zz"),
     challenge(keyPrefix="0" * 20, cost=1)],
)  # fmt: skip
def test_what_is_another_kind_or_too_dear_is_not_worked_for(asked: str) -> None:
    assert puzzle.solution(asked) is None
