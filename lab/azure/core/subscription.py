"""One subscription of the stand-in: its clock, its resources, and what ends with it."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from lab.clock.clock import Clock
from lab.host.loopback import Loopback
from lab.logs.log_tables import LogTables

if TYPE_CHECKING:  # the manager makes resource types, which know their subscription
    from lab.azure.core.resource_manager import ResourceManager

DEFAULT_INGESTION_DELAY: Final = timedelta(minutes=3)
"""Azure's resource logs take 3 to 10 minutes ("Log data ingestion time in Azure Monitor")."""

Service = TypeVar("Service")


class Subscription:
    """Ends with `stop` or `with`; nothing is global.

    `seed` decides every generated name, id and password.
    """

    def __init__(
        self,
        clock: Clock,
        resources: "Callable[[Subscription], ResourceManager]",
        *,
        state_dir: Path,
        seed: int = 0,
        run_apps: bool = True,
        ingestion_delay: timedelta = DEFAULT_INGESTION_DELAY,
        alerting: Clock | None = None,
    ) -> None:
        self.clock = clock
        self.alerting = alerting or clock
        """For evaluations and messages; may run behind `clock`, by which rows come."""
        self.state_dir = state_dir
        self.seed = seed
        self.run_apps = run_apps
        self.ingestion_delay = ingestion_delay
        self.default_location: str | None = None
        """The provider's setting `azure-native:location`; it wins over the group's location."""
        self.program_folder: Path | None = None
        """Where the CLI starts its providers, and so where commands run: the program's folder. None
        where the program runs in this process, which is there itself."""
        self.workspaces: dict[str, LogTables] = {}
        """By the workspace's id in lower case."""
        self.notices: list[str] = []
        """What is not as it would be in Azure, for the report."""
        self.dropped: Counter[str] = Counter()
        """Rows by category that no diagnostic setting asked for."""
        self.closing = ExitStack()
        """What has to end with this subscription; the last one pushed ends first."""
        self._stopping = Lock()
        self._stopped = False
        self._services: dict[Callable[[Subscription], Any], Any] = {}
        self._loopback: Loopback | None = None
        self.closing.callback(self._close_servers)
        self.closing.callback(self._close_tables)
        self.resources = resources(self)

    @property
    def loopback(self) -> Loopback:
        """The servers of this run; made when first needed."""
        if self._loopback is None:
            self._loopback = Loopback()
        return self._loopback

    def service(self, kind: Callable[["Subscription"], Service]) -> Service:
        """The one of a kind, made when first asked for."""
        if kind not in self._services:
            self._services[kind] = kind(self)
        made: Service = self._services[kind]
        return made

    def has(self, kind: Callable[["Subscription"], object]) -> bool:
        """Whether the service of a kind was made."""
        return kind in self._services

    def log_tables(self, workspace_id: str) -> LogTables:
        """The tables of a workspace; KeyError when it does not exist."""
        return self.workspaces[workspace_id.lower()]

    def at_stop(self, end: Callable[[], object]) -> None:
        """What to do when this subscription ends; at once if it has ended already."""
        with self._stopping:
            if not self._stopped:
                self.closing.callback(end)
                return
        end()

    def start(self) -> Self:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        return self

    def stop(self) -> None:
        """Ends processes, tables and servers, all of them even if one fails; twice is fine.

        Nothing is deleted: this is the machine being switched off, not a `pulumi destroy`.
        """
        with self._stopping:
            self._stopped = True
        self.closing.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _close_tables(self) -> None:
        with ExitStack() as closing:
            for tables in self.workspaces.values():
                closing.callback(tables.close)

    def _close_servers(self) -> None:
        if self._loopback is not None:
            self._loopback.close()
