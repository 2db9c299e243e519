"""One start of an app: its processes, its port, its console."""

import http.client
import re
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from lab.azure.web.site.console import Console
from lab.host.loopback import HOST, Loopback
from lab.host.process_group import ProcessGroup

PROBE_PATH: Final = "/robots933456.txt"
"""What App Service asks for until it gets any answer (`configure-custom-container`, azure-docs)."""

PROBE_PAUSE_SECONDS: Final = 0.03
_BIND: Final = re.compile(r"(?<=\s)(--bind[=\s]\s*|-b[=\s]?\s*)[\"']?[^\s\"']+[\"']?")


class Container:
    """Not a real one: a process group on this machine that is only reachable through loopback."""

    def __init__(
        self,
        container_id: str,
        loopback: Loopback,
        *,
        command_line: str,
        folder: Path,
        environment: Mapping[str, str],
    ) -> None:
        self.id = container_id
        self.port = _free_port()
        self.console = Console(loopback)
        try:
            self._group = ProcessGroup(
                ["/bin/sh", "-c", bound_to_loopback(command_line, self.port)],
                environment=_listening(environment, self.port),
                folder=folder,
                stdout=self.console.stdout,
                stderr=self.console.stderr,
            )
        except BaseException:
            self.console.close()
            raise
        finally:
            self.console.hand_over()

    @property
    def group_id(self) -> int:
        return self._group.id

    def answers(self, seconds: float) -> bool:
        """Waits for the first answer, whatever its status; False: it ended, or time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._group.exit_code is None:
            if self._answers_now(end - time.monotonic()):
                return True
            self._group.wait(PROBE_PAUSE_SECONDS)
        return False

    def wait(self) -> int | None:
        """Blocks until the first process ends, then ends the others."""
        self._group.wait()
        return self._group.end()

    def end(self) -> int | None:
        return self._group.end()

    @property
    def running(self) -> bool:
        return self._group.exit_code is None

    def _answers_now(self, seconds: float) -> bool:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=max(seconds, 0.1))
        try:
            connection.request("GET", PROBE_PATH, headers={"User-Agent": "HealthCheck/1.0"})
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def bound_to_loopback(command_line: str, port: int) -> str:
    """A bind address written into the command would win over the lab's, and be open to all."""
    return _BIND.sub(rf"\g<1>{HOST}:{port}", command_line)


def _listening(environment: Mapping[str, str], port: int) -> dict[str, str]:
    own = environment.get("GUNICORN_CMD_ARGS", "")
    arguments = f"{own} --bind {HOST}:{port}".strip()
    return {**environment, "PORT": str(port), "GUNICORN_CMD_ARGS": arguments}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
