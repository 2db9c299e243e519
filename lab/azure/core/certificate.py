"""A certificate authority that lives as long as one run, and the names it vouches for."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import trustme

LIFETIME: Final = timedelta(days=30)
"""Real days: the clients that check it are not on the lab's clock."""


class Authority:
    """Signs; its own certificate is the file `path`, its key is never written."""

    def __init__(self, path: Path) -> None:
        self._authority = trustme.CA(
            path_length=0,
            organization_name="login-monitor rehearsal",
            organization_unit_name="this run only",
            key_type=trustme.KeyType.ECDSA,
        )
        self.path = path
        self._authority.cert_pem.write_to_path(path)

    def context(self, names: Sequence[str]) -> ssl.SSLContext:
        """A server's TLS settings with a new certificate for `names`."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._issued(names).configure_cert(context)
        return context

    def chain(self, names: Sequence[str]) -> bytes:
        """A new certificate for `names` and its key, in PEM; a secret."""
        return self._issued(names).private_key_and_cert_chain_pem.bytes()

    def _issued(self, names: Sequence[str]) -> trustme.LeafCert:
        return self._authority.issue_cert(
            *names,
            common_name=names[0],
            not_after=datetime.now(UTC) + LIFETIME,
            key_type=trustme.KeyType.ECDSA,
        )
