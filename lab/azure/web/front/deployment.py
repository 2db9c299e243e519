"""One publication of code, as Kudu keeps it: a status, a log, a result."""

import platform
import shutil
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

from lab.azure.web.site.build import REQUIREMENTS, BuildError
from lab.azure.web.site.package import PackageError, unpack
from lab.azure.web.site.site import Site, SiteError

DEPLOYER: Final = "OneDeploy"


class Status(IntEnum):
    """KuduLite's DeployStatus."""

    PENDING = 0
    BUILDING = 1
    DEPLOYING = 2
    FAILED = 3
    SUCCESS = 4


class Kind(IntEnum):
    """KuduLite's LogEntryType."""

    MESSAGE = 0
    WARNING = 1
    ERROR = 2


@dataclass(frozen=True)
class Entry:
    """A line of a deployment's log."""

    at: datetime
    message: str
    kind: Kind
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Deployment:
    """Takes the zip's bytes to a running site; never raises, its status and log say how it went."""

    def __init__(self, site: Site, folder: Path, content: bytes) -> None:
        self.id = str(uuid.uuid4())
        self.received = datetime.now(UTC)
        self.ended: datetime | None = None
        self.status = Status.PENDING
        self.status_text = ""
        self.entries: list[Entry] = []
        self._site = site
        self._folder = folder / self.id
        self._content = content
        self._lock = threading.Lock()

    @property
    def pending(self) -> bool:
        return self.status not in (Status.FAILED, Status.SUCCESS)

    def carry_out(self) -> None:
        """Unpacks, builds, restarts the site, in the calling thread."""
        self._log("Updating submodules.")
        try:
            self._deploy()
        except (PackageError, BuildError, SiteError) as error:
            self._fail(str(error))
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}")

    def result(self, base_url: str, *, active: bool) -> dict[str, Any]:
        """KuduLite's DeployResult; the times are real ones."""
        url = f"{base_url}/api/deployments/{self.id}"
        ended = self.ended.isoformat() if self.ended else None
        return {
            "id": self.id,
            "status": int(self.status),
            "status_text": self.status_text,
            "author_email": "N/A",
            "author": "N/A",
            "deployer": DEPLOYER,
            "message": DEPLOYER,
            "progress": "" if not self.pending else f"{self.status.name.title()}...",
            "received_time": self.received.isoformat(),
            "start_time": self.received.isoformat(),
            "end_time": ended,
            "last_success_end_time": ended if self.status is Status.SUCCESS else None,
            "complete": not self.pending,
            "active": active,
            "is_temp": False,
            "is_readonly": True,
            "url": url,
            "log_url": f"{url}/log",
            "site_name": self._site.settings.name,
            "provisioningState": None if self.pending else self.status.name.title(),
        }

    def log(self) -> list[dict[str, Any]]:
        """Entries in Kudu's form; `type` 2 is an error."""
        with self._lock:
            entries = list(self.entries)
        return [
            {
                "log_time": entry.at.isoformat(),
                "id": entry.id,
                "message": entry.message,
                "type": int(entry.kind),
                "details_url": None,
            }
            for entry in entries
        ]

    def _deploy(self) -> None:
        files = unpack(self._content, self._folder)
        self._log(f"Extracted {files} files to {self._folder.name}.")
        self._content = b""
        self.status = Status.BUILDING
        environment = self._build()
        self.status = Status.DEPLOYING
        self._log("Running post deployment command(s)...")
        self._log("Triggering container recycle for OneDeploy by starting the site.")
        # In Azure the deployment succeeds here and only /health, answering 503, betrays an app that
        # does not start; the stand-in waits for it, so that the reason is told at once.
        try:
            self._site.run(self._folder, environment)
        except SiteError as error:
            if not self._site.unresolved:
                raise
            self._log(f"{error}", Kind.WARNING)  # it is cured without another package
        self._remove_older()
        self._end(Status.SUCCESS)
        self._log("Deployment successful.")

    def _build(self) -> Path:
        settings = self._site.settings
        time.sleep(self._site.faults.build_s)
        if not settings.builds:
            self._log(
                "SCM_DO_BUILD_DURING_DEPLOYMENT is not true; nothing is built or installed",
                Kind.WARNING,
            )
            return self._site.builder.image()
        self._log("Running oryx build...")
        self._log(f"Python {platform.python_version()} stands in for {settings.runtime or 'any'}")
        if not (self._folder / REQUIREMENTS).is_file():
            self._log(
                f"Could not find {REQUIREMENTS} in the root of the package; nothing is installed",
                Kind.WARNING,
            )
            return self._site.builder.image()
        return self._site.builder.build(self._folder)

    def _remove_older(self) -> None:
        for other in self._folder.parent.iterdir():
            if other != self._folder:
                shutil.rmtree(other, ignore_errors=True)

    def _fail(self, message: str) -> None:
        for line in message.splitlines():
            marked = line if line.startswith("ERROR") else f"ERROR: {line}"  # as Oryx marks them
            self._log(marked, Kind.ERROR)
        self._log("Deployment Failed.", Kind.ERROR)
        self.status_text = message
        self._end(Status.FAILED)

    def _end(self, status: Status) -> None:
        self.ended = datetime.now(UTC)
        self.status = status

    def _log(self, message: str, kind: Kind = Kind.MESSAGE) -> None:
        with self._lock:
            self.entries.append(Entry(datetime.now(UTC), message, kind))
