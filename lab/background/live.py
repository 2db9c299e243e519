"""The lab that stays: the stand-in for Azure as a process of its own, until it is told to stop."""

import argparse
import json
import logging
import secrets
import shutil
import signal
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lab.azure import Azure
from lab.azure.monitor.notify.inbox import Inbox
from lab.azure.web.app_service import AppService
from lab.background.folder import LiveFolder
from lab.background.wall_clock import LiveClock
from lab.clock.clock import Clock
from lab.host.private_file import private_folder, write_private
from lab.provider.control_server import ControlServer
from lab.report.model import stamp
from traffic.people import population

PEOPLE: Final = 3


class LiveLab:
    """Begins empty: what an earlier one held is gone, and its Pulumi state with it."""

    def __init__(self, folder: LiveFolder, speed: float) -> None:
        self.ending = threading.Event()
        self.folder = folder
        self._parts = ExitStack()
        shutil.rmtree(folder.path, ignore_errors=True)
        private_folder(folder.path)
        seed = secrets.randbits(32)
        users = {each.username: each.password for each in population(seed, PEOPLE)}
        write_private(folder.users, json.dumps(users, indent=1, ensure_ascii=False))
        clock = Clock(datetime.now(UTC).replace(microsecond=0))
        try:
            self.inbox = self._parts.enter_context(Inbox(clock))
            self.azure = self._parts.enter_context(
                Azure(clock, state_dir=folder.path / "azure", seed=seed, inbox=self.inbox)
            )
            more = {"ping": lambda _: {}, "status": self._status, "stop": self._stop}
            self.control = self._parts.enter_context(
                ControlServer(self.azure, folder.control, more)
            )
        except BaseException:
            self._parts.close()
            raise
        self.clock = LiveClock(clock, speed, self.control.turn)

    def run(self) -> None:
        """Until `stop` is asked for, or a signal comes; ends every process then."""
        with self._parts:
            self.clock.run(self.ending)

    def _stop(self, request: dict[str, Any]) -> dict[str, Any]:
        self.ending.set()
        return {}

    def _status(self, request: dict[str, Any]) -> dict[str, Any]:
        """For `lab status --json`, and for people."""
        with self.control.turn:
            return {
                "resources": [
                    {"type": each.token, "name": each.name, "id": each.id}
                    for each in self.azure.resources.list()
                ],
                "alerts": [
                    {
                        "slug": each.rule.custom_properties.get("detection", ""),
                        "rule": each.rule.name,
                        "dimensions": dict(each.dimensions),
                        "severity": each.rule.severity,
                        "fired_at": stamp(each.fired_at),
                        "resolved_at": each.resolved_at and stamp(each.resolved_at),
                        "delivered": [
                            {"kind": one.kind, "to": one.to, "status": one.status}
                            for one in each.deliveries
                        ],
                    }
                    for each in (*self.azure.alerts, *self.azure.platform_alerts)
                ],
                "apps": {
                    each.site.settings.name: {"url": each.url, "state": each.site.state.value}
                    for each in self.azure.service(AppService).sites
                },
                "webhook": self.inbox.webhook_url("alerts"),
                "inbox": [
                    {
                        "kind": each.kind,
                        "at": stamp(each.at),
                        "to": each.to,
                        "subject": each.subject,
                    }
                    for each in self.inbox.messages
                ],
                "now": stamp(self.azure.clock.now),
                "speed": self.clock.speed,
            }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lab.background.live")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--speed", type=float, default=1.0)
    given = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    lab = LiveLab(LiveFolder(given.folder), given.speed)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: lab.ending.set())
    lab.run()


if __name__ == "__main__":
    main()
