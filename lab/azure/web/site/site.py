"""A Linux web app: keeps its process running and turns what it says into log rows."""

import platform
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from components.content.places import ROOT
from components.limits.refusal import FailedError
from lab.azure.core.backends import Backends
from lab.azure.core.faults import Faults
from lab.azure.core.subscription import Subscription
from lab.azure.web.site.access_restriction import AccessRestrictions
from lab.azure.web.site.build import Builder
from lab.azure.web.site.console import Line
from lab.azure.web.site.container import Container
from lab.azure.web.site.site_identity import SiteIdentity
from lab.azure.web.site.site_log import SiteLog
from lab.azure.web.site.site_settings import SiteSettings
from lab.azure.web.site.vault_references import resolved

SHIM: Final = ROOT / "lab" / "shim"
CLOCK_VARIABLE: Final = "LOGIN_MONITOR_LAB_CLOCK"
STARTS: Final = 3
START_SECONDS: Final = 60.0
"""Real seconds to answer; Azure gives 230 (WEBSITES_CONTAINER_START_TIME_LIMIT)."""

REFERENCES_KEPT: Final = timedelta(hours=24)
"""Until App Service looks for secrets again by itself."""

BACK_OFF_SECONDS: Final = 0.2
LAST_LINES: Final = 8


class SiteError(FailedError):
    """An app that does not come up; the message ends with what it said last."""


class State(Enum):
    """Of the site as the front end sees it."""

    EMPTY = "nothing published"
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed to start"
    STOPPED = "stopped"


class Site:
    """Runs the published code and restarts it when it dies; three deaths at start are final."""

    def __init__(
        self,
        settings: SiteSettings,
        folder: Path,
        azure: Subscription,
        builder: Builder,
        clock_file: Path,
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.builder = builder
        self.log = SiteLog(azure, settings.resource_id)
        self.state = State.EMPTY
        self.failure: SiteError | None = None
        self.start_seconds = START_SECONDS
        self.unresolved: Mapping[str, str] = {}
        """Why a reference to a secret reached the app as it is, by the variable's name."""
        self._resolved: Mapping[str, str] = {}
        self._resolved_at = azure.clock.now
        self._identity = SiteIdentity(azure)
        self.before_end: Callable[[], None] = lambda: None
        self.restrictions = AccessRestrictions()
        self._azure = azure
        self._clock_file = clock_file
        self._code: Path | None = None
        self._environment: Path | None = None
        self._built_for = ""
        self._container: Container | None = None
        self._supervisor: threading.Thread | None = None
        self._ending = threading.Event()
        self._closed = False
        self._settled = threading.Condition()
        (folder / "home").mkdir(parents=True, exist_ok=True)
        self.refresh_references()

    @property
    def faults(self) -> Faults:
        """Of the subscription that it is in."""
        return self._azure.service(Faults)

    @property
    def port(self) -> int | None:
        """Where the app listens; None while it does not."""
        container = self._container
        return container.port if container and self.state is State.RUNNING else None

    @property
    def group_id(self) -> int | None:
        """Process group of the running app."""
        container = self._container
        return container.group_id if container and container.running else None

    def run(self, code: Path, environment: Path) -> None:
        """Replaces what runs; returns when the new code answers. SiteError: it does not.

        What was built stays what it is until the next build: see `_packages`.
        """
        self.end()
        self._code, self._environment = code, environment
        self._built_for = self.settings.runtime
        self._start()

    def configure(self, settings: SiteSettings) -> None:
        """New settings restart the app, as in Azure, which does not wait whether it comes up.

        An app that does not is found out by whoever asks it: its state is FAILED, it answers 503.
        """
        if settings == self.settings:
            return
        self.settings = settings
        self.refresh_references()
        if self._code is not None:
            with suppress(SiteError):
                self.restart()

    def restart(self) -> None:
        """A new process of the same code, with what is known of the secrets; SiteError."""
        if self._code is not None:
            self.end()
            self._start()

    def refresh_references(self) -> None:
        """Looks for the secrets again, as Azure does when settings are written, and after a day.

        One that is not found then, because its role does not count yet, stays an error until the
        next time ("Use Key Vault references as app settings"); a running app sees it at its start.
        """
        self._resolved, self.unresolved = resolved(self._azure, self.settings)
        self._resolved_at = self._azure.clock.now

    def close(self) -> None:
        """Ends the app for good: what is still being published will not be started."""
        self._closed = True
        self.end()

    def end(self) -> None:
        """Ends every process of the app; the rows of its end wait for `drain`. Twice is fine."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is None:
            return
        self._ending.set()
        with self._settled:
            container = self._container
        if container is not None and container.running:
            self._platform("Informational", "Container is terminating. Grace period: 5 seconds.")
            self.before_end()
            container.end()
        supervisor.join()
        self._become(State.STOPPED)
        self._platform("Informational", f"Site: {self.settings.name} stopped.")

    def drain(self, at: datetime | None = None) -> None:
        """Hands every row since the last call to Azure; the driving thread calls it.

        All that the app wrote before it answered a request is included once the request is
        answered; console lines get the time `at`, by default the clock's.
        """
        with self._settled:
            if self._container is not None:
                self.log.say(self._container.id, self._container.console.take())
        self.log.drain(at or self._azure.clock.now)

    def _platform(self, level: str, message: str) -> None:
        container = self._container
        self.log.platform(level, message, container.id if container else "")

    def _start(self) -> None:
        """Waits for the first answer or the final failure."""
        ending = self._ending = threading.Event()
        if self._closed:
            raise SiteError.of(f"site {self.settings.name} is not started", "the lab is closing")
        self.failure = None
        self._become(State.STARTING)
        self._supervisor = threading.Thread(
            target=self._supervise, args=(ending,), name=f"site {self.settings.name}", daemon=True
        )
        self._supervisor.start()
        with self._settled:
            self._settled.wait_for(lambda: self.state is not State.STARTING)
        if self.failure is not None:
            raise self.failure

    def _supervise(self, ending: threading.Event) -> None:
        try:
            deaths = 0
            while not (ending.is_set() or self._closed) and deaths < STARTS:
                deaths = self._one_life(ending, deaths)
                ending.wait(BACK_OFF_SECONDS * 2**deaths)
        except Exception as error:  # a thread's error would be lost, and its caller wait for ever
            self._fail(f"cannot be run; {type(error).__name__}: {error}", [])

    def _one_life(self, ending: threading.Event, deaths: int) -> int:
        """From start to death; returns how many deaths at start in a row that makes."""
        container = self._new_container(ending)
        if container is None:
            return deaths
        answered = container.answers(self.start_seconds)
        if answered and not ending.is_set():
            self._platform("Informational", "Container is running.")
            self._platform("Informational", "Site started.")
            self._become(State.RUNNING)
        late = not answered and container.running
        code = container.wait() if answered else container.end()
        deaths = 0 if answered else deaths + 1
        if not ending.is_set():
            self._become(State.STARTING)  # first of all: visitors wait for the next life
            self._report_death(code, at_start=not answered)
        self._collect(container)
        if ending.is_set() or (deaths < STARTS and not late):
            return deaths
        reason = f"ended {deaths} times with exit code {code}"
        if late:
            reason = f"did not answer within {self.start_seconds:g} s"
        self._fail(reason, container.console.last(LAST_LINES))
        return STARTS

    def _new_container(self, ending: threading.Event) -> Container | None:
        if self._code is None or self._environment is None:
            return None
        environment = self._process_environment(self._packages(self._environment))
        for name, reason in self.unresolved.items():
            self._platform("Error", f"Key Vault reference {name} is not resolved: {reason}.")
        with self._settled:
            if ending.is_set():
                return None
            container = Container(
                f"{uuid.uuid4().hex[:12]}_{self.settings.name}",
                self._azure.loopback,
                command_line=self.settings.command_line,
                folder=self._code,
                environment=environment,
            )
            self._container = container
            self.log.say(container.id, self._banner())
        self._platform("Informational", "Container is starting.")
        return container

    def _packages(self, built: Path) -> Path:
        """Where the app finds its packages: in what was built, if it was for this runtime.

        The start script that Oryx writes puts `antenv/lib/python<runtime>/site-packages` on the
        path (microsoft/Oryx, scriptgenerator.go of python). Under another Python that folder is
        not there, and the app finds what the image brings, and nothing else.
        """
        if self._built_for == self.settings.runtime:
            return built
        self._platform(
            "Warning",
            f"Could not find packages of {self.settings.runtime}; antenv is of {self._built_for}.",
        )
        return self.builder.image()

    def _banner(self) -> list[Line]:
        """A part of what the platform's own image writes before the app does."""
        texts = (
            "A P P   S E R V I C E   O N   L I N U X",
            f"Python version   : {platform.python_version()}",
            f"Site's appCommandLine: {self.settings.command_line}",
        )
        return [Line("Informational", text) for text in texts]

    def _process_environment(self, environment: Path) -> Mapping[str, str]:
        if self._azure.clock.now - self._resolved_at >= REFERENCES_KEPT:
            self.refresh_references()
        settings = self._resolved
        home = self.folder / "home"
        settings = self._azure.service(Backends).environment(settings, home)
        packages = self.builder.shim_packages()
        path = [str(SHIM), str(packages), settings.get("PYTHONPATH", "")]
        return {
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            **settings,
            "PATH": f"{environment}/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            **self._identity.environment(self.settings),
            "PYTHONPATH": ":".join(part for part in path if part),
            "WEBSITE_SITE_NAME": self.settings.name,
            "WEBSITE_HOSTNAME": self.settings.host_name,
            CLOCK_VARIABLE: str(self._clock_file),
        }

    def _collect(self, container: Container) -> None:
        rest = container.console.close()
        with self._settled:
            self.log.say(container.id, rest)
            self._container = None

    def _report_death(self, code: int | None, *, at_start: bool) -> None:
        self._platform("Error", f"Container has finished running with exit code: {code}.")
        if at_start:
            name = self.settings.name
            self._platform("Error", f"Site container: {name} terminated during site startup.")

    def _fail(self, reason: str, last: list[str]) -> None:
        self._platform("Error", "Failed to start site. Revert by stopping site.")
        said = "\n  ".join(last) or "(nothing)"
        command = self.settings.command_line or "(no appCommandLine)"
        broken = ", ".join(f"{name} ({why})" for name, why in self.unresolved.items())
        if broken:
            reason += f" with Key Vault references that are not resolved: {broken}"
        self.failure = SiteError.of(
            f"site {self.settings.name} {reason}",
            f"its start-up command is expected to serve HTTP on $PORT ({command});"
            f" it said last:\n  {said}",
        )
        self._become(State.FAILED)

    def _become(self, state: State) -> None:
        with self._settled:
            self.state = state
            self._settled.notify_all()
