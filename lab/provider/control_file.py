"""How the processes of one lab find each other: an address and a token in a private file."""

import json
import os
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final, Self

from components.limits.refusal import FailedError, RefusedError
from lab.host.private_file import write_private

HOST: Final = "127.0.0.1"
VARIABLE: Final = "LOGIN_MONITOR_LAB_CONTROL"
"""Names the file to the provider plugins, so that no environment holds the token."""


class UnreachableError(FailedError):
    """Nobody is behind the door, or somebody who does not know the token."""


@dataclass(frozen=True)
class ControlFile:
    """`pid` is the process that serves the port."""

    port: int
    token: str
    pid: int

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """None when there is none, or nothing that could be one."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(int(found["port"]), str(found["token"]), int(found["pid"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @classmethod
    def from_environment(cls) -> Self:
        found = cls.read(Path(os.environ.get(VARIABLE, "")))
        if found is None:
            raise UnreachableError.of(
                f"{VARIABLE} names no file of a running lab", "start it: lab start"
            )
        return found

    def write(self, path: Path) -> None:
        write_private(path, json.dumps(asdict(self)))

    def ask(self, path: str, request: Any = None, *, timeout: float | None = None) -> Any:
        """Posts JSON, returns JSON. UnreachableError, or RefusedError with the lab's words."""
        # Straight to the port: a proxy of the environment has no business here.
        connection = HTTPConnection(HOST, self.port, timeout=timeout)
        try:
            headers = {
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
            }
            connection.request("POST", path, json.dumps(request or {}), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, HTTPException) as error:
            raise UnreachableError.of(
                f"the lab does not answer on port {self.port}: {error}"
            ) from error
        finally:
            connection.close()
        if answer.status == 401:
            raise UnreachableError.of(f"port {self.port} belongs to somebody else now")
        if answer.status != 200:
            raise RefusedError.of(text)
        try:
            return json.loads(text)
        except ValueError as error:
            raise UnreachableError.of(f"port {self.port} does not speak as the lab does") from error
