"""A real Redis on loopback, with TLS and a key as Azure Managed Redis has them."""

import re
import shutil
from typing import Final

from lab.azure.core.certificate import Authority
from lab.azure.core.server_process import ServerError, ServerProcess, is_open
from lab.host.loopback import HOST

POLICIES: Final = {
    "AllKeysLFU": "allkeys-lfu",
    "AllKeysLRU": "allkeys-lru",
    "AllKeysRandom": "allkeys-random",
    "VolatileLRU": "volatile-lru",
    "VolatileLFU": "volatile-lfu",
    "VolatileTTL": "volatile-ttl",
    "VolatileRandom": "volatile-random",
    "NoEviction": "noeviction",
}
"""Azure's words for `maxmemory-policy`, and Redis's own."""


def binary() -> str | None:
    """Path of redis-server; None where it is not installed."""
    return shutil.which("redis-server")


class RedisServer:
    """Ends with `close`; clients need the key, and TLS where `authority` is given."""

    def __init__(self, key: str, authority: Authority | None, policy: str = "NoEviction") -> None:
        program = binary()
        if program is None:
            raise ServerError.of("Redis is not installed", "redis-server is expected")
        if not re.fullmatch(r"[A-Za-z0-9+/=_-]+", key):
            raise ServerError.of("the key has characters that Redis's configuration cannot hold")
        self._process = ServerProcess("redis")
        try:
            # In a file: what stands on a command line can be read by everybody.
            config = self._process.folder / "redis.conf"
            config.touch(mode=0o600)
            config.write_text("\n".join(self._settings(key, authority, policy)), encoding="utf-8")
            self._process.start([program, str(config)], lambda: is_open(self.port))
        except BaseException:
            self._process.close()
            raise

    @property
    def port(self) -> int:
        return self._process.port

    def stop(self) -> None:
        """As when the service is down: nobody answers on the port."""
        self._process.close_process()

    def close(self) -> None:
        self._process.close()

    def _settings(self, key: str, authority: Authority | None, policy: str) -> list[str]:
        listening = [f"port {self.port}"]
        if authority is not None:
            chain = self._process.folder / "server.pem"
            chain.touch(mode=0o600)
            chain.write_bytes(authority.chain(["localhost"]))
            listening = [
                "port 0",
                f"tls-port {self.port}",
                f"tls-cert-file {chain}",
                f"tls-key-file {chain}",
                f"tls-ca-cert-file {authority.path.resolve()}",
                "tls-auth-clients no",
                'tls-protocols "TLSv1.2 TLSv1.3"',
            ]
        return [
            *listening,
            f"bind {HOST}",
            f"requirepass {key}",
            f"maxmemory-policy {POLICIES[policy]}",
            'save ""',
            "appendonly no",
            f"dir {self._process.folder}",
            "",
        ]
