"""App Service for one Azure: its sites, and the edge that leads to them."""

import atexit
import secrets
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lab.azure.core.subscription import Subscription
from lab.azure.web.front.edge import Edge
from lab.azure.web.front.front_end import FrontEnd
from lab.azure.web.front.health_check import HealthCheck
from lab.azure.web.front.kudu import Kudu
from lab.azure.web.site.build import Builder
from lab.azure.web.site.site import Site
from lab.azure.web.site.site_settings import SiteSettings
from lab.clock.clock_file import ClockFile
from lab.host.loopback import HOST


@dataclass(frozen=True)
class Hosted:
    """A site with its two doors; `url` is the one for traffic, on a port of its own."""

    site: Site
    front_end: FrontEnd
    kudu: Kudu
    health: HealthCheck
    url: str


class AppService:
    """Made when the first site or command needs it; ends with its Azure."""

    def __init__(self, azure: Subscription, builds: Path | None = None) -> None:
        self.lab_token = secrets.token_urlsafe(24)
        self.builder = Builder(builds)
        self._azure = azure
        self._sites: dict[str, Hosted] = {}
        self._clock_file = ClockFile(azure.state_dir / "clock", azure.clock.now)
        self._time = azure.clock.now
        self._closed = False
        azure.clock.on_move(self._moved)
        self.edge = Edge(azure, azure.state_dir / "edge", self._doors, self._site)
        azure.closing.callback(self.close)
        atexit.register(self.close)

    @property
    def sites(self) -> list[Hosted]:
        return list(self._sites.values())

    def site(self, name: str) -> Hosted | None:
        """Names are compared as DNS does, whatever the case."""
        return self._sites.get(name.lower())

    def add(self, settings: SiteSettings) -> Hosted:
        """Opens the doors of a new site, which has no code yet."""
        folder = self._azure.state_dir / "sites" / settings.name.lower()
        site = Site(settings, folder, self._azure, self.builder, self._clock_file.path)
        front_end = FrontEnd(site, self._azure.loopback, self.lab_token)
        port = self._azure.loopback.serve(front_end.application())
        kudu = Kudu(site, self.edge.tokens.opens_kudu)
        hosted = Hosted(
            site, front_end, kudu, HealthCheck(self._azure, site), f"http://{HOST}:{port}"
        )
        self._sites[settings.name.lower()] = hosted
        return hosted

    def remove(self, name: str) -> None:
        """Ends the site's processes; its host name leads nowhere from now on."""
        hosted = self._sites.pop(name.lower(), None)
        if hosted is not None:
            hosted.health.stop()
            hosted.site.close()
            hosted.site.drain()
            # A site of the same name later is another one: empty, with a home of its own.
            shutil.rmtree(hosted.site.folder, ignore_errors=True)

    def drain(self) -> None:
        """Hands the log rows of all sites to Azure; see `Site.drain`."""
        for hosted in self.sites:
            hosted.site.drain()

    def close(self) -> None:
        """Ends builds, processes and the clock file; the servers end with the loopback."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        with ExitStack() as all_of_it:
            all_of_it.callback(self._clock_file.close)
            for hosted in self.sites:
                hosted.health.stop()
                all_of_it.callback(hosted.site.close)
            all_of_it.callback(self.builder.stop)

    def _moved(self, now: datetime) -> None:
        """What was said until now was said at the time before, and has to be marked with it."""
        if self._closed:
            return
        for hosted in self.sites:
            hosted.site.drain(self._time)
        self._time = now
        self._clock_file.write(now)

    def _site(self, name: str) -> Site | None:
        hosted = self.site(name)
        return hosted.site if hosted else None

    def _doors(self, name: str) -> tuple[FrontEnd, Kudu] | None:
        hosted = self.site(name)
        return (hosted.front_end, hosted.kudu) if hosted else None
