"""Pulumi's passphrase encryption, for values that are objects: the CLI takes only texts.

Form and numbers of pulumi/pulumi, sdk/go/common/resource/config/crypt.go.
"""

import base64
import hashlib
import os
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ROUNDS: Final = 1_000_000
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
VERSION: Final = "v1"


class Passphrase:
    """`salt` is the stack file's `encryptionsalt`: `v1:<salt>:…`."""

    def __init__(self, words: str, salt: str) -> None:
        own = base64.b64decode(salt.split(":")[1])
        key = hashlib.pbkdf2_hmac("sha256", words.encode(), own, ROUNDS, KEY_BYTES)
        self._cipher = AESGCM(key)

    def secure(self, value: Any) -> Any:
        """As a stack's file holds it: each text of an object or list on its own."""
        if isinstance(value, dict):
            return {key: self.secure(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.secure(item) for item in value]
        nonce = os.urandom(NONCE_BYTES)
        hidden = self._cipher.encrypt(nonce, str(value).encode(), None)
        parts = [VERSION, *(base64.b64encode(part).decode() for part in (nonce, hidden))]
        return {"secure": ":".join(parts)}
