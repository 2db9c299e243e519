"""The servers behind an app: real ones on this machine, and what stands in where there are none."""

import atexit
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from lab.azure.core.certificate import Authority
from lab.azure.core.subscription import Subscription

_URL: Final = re.compile(r"(?i)(?P<scheme>postgres(ql)?(\+\w+)?|rediss?)://")


@dataclass(frozen=True)
class Backend:
    """Where a host of Azure is found here; without an address, what the app gets instead.

    `substitute` takes the folder that the site may write to, and the path of the URL.
    """

    address: str = ""
    substitute: Callable[[Path, str], str] = lambda _home, _path: ""


class Backends:
    """The databases and caches of one Azure, by host name; ends with its Azure."""

    def __init__(self, azure: Subscription) -> None:
        self._azure = azure
        self._hosts: dict[str, Backend] = {}
        self._closing: dict[str, Callable[[], None]] = {}
        self._authority: Authority | None = None
        self._lock = threading.Lock()
        azure.closing.callback(self.close)
        atexit.register(self.close)

    @property
    def authority(self) -> Authority:
        """Signs the certificates of the servers; made when the first of them needs one."""
        with self._lock:
            if self._authority is None:
                folder = self._azure.state_dir / "backends"
                folder.mkdir(parents=True, exist_ok=True)
                self._authority = Authority(folder / "ca.pem")
            return self._authority

    def add(self, host: str, backend: Backend, close: Callable[[], None] = lambda: None) -> None:
        """`close` ends the server; it is called once."""
        self._hosts[host.lower()] = backend
        self._closing[host.lower()] = close

    def remove(self, host: str) -> None:
        """The name leads nowhere from now on."""
        self._hosts.pop(host.lower(), None)
        close = self._closing.pop(host.lower(), None)
        if close is not None:
            close()

    def environment(self, given: Mapping[str, str], home: Path) -> dict[str, str]:
        """The variables with each URL led to this machine, and trust in the servers there."""
        led = {key: self._led(value, home) for key, value in given.items()}
        if led == dict(given) or self._authority is None:
            return led
        return {"SSL_CERT_FILE": str(self._authority.path.resolve()), **led}

    def close(self) -> None:
        """Ends every server; twice is fine."""
        atexit.unregister(self.close)
        with ExitStack() as all_of_it:
            while self._closing:
                all_of_it.callback(self._closing.popitem()[1])

    def _led(self, value: str, home: Path) -> str:
        if not _URL.match(value):
            return value
        try:
            parts = urlsplit(value)
            backend = self._hosts.get((parts.hostname or "").lower())
        except ValueError:
            return value
        if backend is None:
            return value
        if not backend.address:
            return backend.substitute(home, parts.path)
        sign_in, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{sign_in}{at}{backend.address}").geturl()


def database_file(home: Path, path: str) -> str:
    """SQLAlchemy's URL of a file in the site's own folder, for one database."""
    name = re.sub(r"\W", "_", path.strip("/")) or "database"
    return f"sqlite:///{quote(str(home / f'{name}.db'))}"


def memory(_home: Path, _path: str) -> str:
    """What `limits` calls counters that nobody shares."""
    return "memory://"
