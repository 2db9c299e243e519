"""Whether a stack is alive: its app, its accounts, its logs, and an alert that reaches somebody."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.web.app_service import AppService, Hosted
from lab.lifecycle.downtime import told_version
from lab.lifecycle.guest import Guest
from lab.lifecycle.trial import CODE
from lab.logs.log_tables import LogTables

USER: Final = "keeper"
FIRST_PASSWORD: Final = "saffron-lantern-quill-17"  # noqa: S105 - of a made-up account
OWN_PASSWORD: Final = "orchard-pebble-fjord-58"  # noqa: S105
CANARY: Final = "break_glass_account_used"
"""An essential detection that one harmless request makes fire, for each account anew."""

_FREQUENCY: Final = timedelta(minutes=5)
_SLACK: Final = timedelta(minutes=1)
_TABLES: Final = ("AppServiceHTTPLogs", "AppServiceConsoleLogs")
_SITE: Final = "azure-native:web:WebApp"
_WORKSPACE: Final = "azure-native:operationalinsights:Workspace"
_SERVER: Final = "azure-native:dbforpostgresql:Server"


@dataclass(frozen=True)
class Kept:
    """What was there before a step: which store of accounts, which workspace, how many rows."""

    home: int
    workspace: int
    rows: int
    at: datetime


class Pulse:
    """Of one Azure; `turn` is held by whoever drives its clock."""

    def __init__(self, azure: Azure, turn: AbstractContextManager[object]) -> None:
        self._azure = azure
        self._turn = turn
        self._taken = 0
        self._home = 0
        """Number of the resource in which the account has the password that its owner chose."""

    def kept(self) -> Kept:
        """To be asked before a step."""
        now = self._azure.clock.now
        return Kept(self._home_number(), self._number(_WORKSPACE), self._rows(now), now)

    def lost_rows(self, before: Kept) -> int:
        """Rows of then that are not there now."""
        return max(0, before.rows - self._rows(before.at))

    def moved(self, before: Kept) -> Iterator[str]:
        """What is in another place than then, and so begins anew."""
        if before.home and self._home_number() != before.home:
            yield "accounts"
        if before.workspace and self._number(_WORKSPACE) != before.workspace:
            yield "logs"

    def take(self, *, whole: bool) -> Iterator[str]:
        """What is wrong; a whole pulse waits for the rows and the alert of what it sends."""
        hosted = self._hosted()
        if hosted is None:
            yield "there is no web app"
            return
        yield from self._app(hosted)
        if not whole:
            return
        self._taken += 1
        address = f"198.51.100.{self._taken % 250 + 1}"
        canary = f"break-glass-canary-{self._taken}"
        yield from self._accounts(hosted, address)
        self._call(Guest(hosted.url, self._token, address).sign_in(canary, FIRST_PASSWORD))
        with self._turn:
            self._azure.service(AppService).drain()
            clock = self._azure.clock
            clock.run_until(clock.now + self._azure.ingestion_delay + _FREQUENCY + _SLACK)
        yield from self._logs(address)
        yield from self._alert(canary)

    def _app(self, hosted: Hosted) -> Iterator[str]:
        told, wanted = told_version(hosted.url), self._wanted_version()
        if not told:
            reason = str(hosted.site.failure or hosted.site.state.value)
            yield f"the app does not answer: {reason}"
        elif told != wanted:
            yield f"the app tells version {told}, expected {wanted}"

    def _accounts(self, hosted: Hosted, address: str) -> Iterator[str]:
        """A new home has the first password; in the same one, the owner's has to be good."""
        home = self._home_number()
        guest = Guest(hosted.url, self._token, address)
        if self._home and home == self._home:
            if not self._call(guest.sign_in(USER, OWN_PASSWORD)):
                yield "the account has lost its password, or is gone"
            return
        if self._call(guest.sign_in(USER, FIRST_PASSWORD, OWN_PASSWORD)):
            self._home = home
        elif not self._call(guest.sign_in(USER, OWN_PASSWORD)):  # back where it was before
            yield "nobody can sign in"
        else:
            self._home = home

    def _logs(self, address: str) -> Iterator[str]:
        tables = self._tables()
        if tables is None:
            yield "there is no workspace"
            return
        asked = f'AppServiceHTTPLogs | where CIp == "{address}" | count'
        if not _count(tables, asked, self._azure.clock.now):
            yield "no row of the visit has arrived"

    def _alert(self, canary: str) -> Iterator[str]:
        fired = [each for each in self._azure.alerts if canary in each.dimensions.values()]
        if not fired:
            yield f"the canary ({CANARY}) has not fired"
        elif not any(one.status == "delivered" for each in fired for one in each.deliveries):
            told = [one.status for each in fired for one in each.deliveries]
            yield f"the canary's alert reached nobody ({', '.join(told) or 'no message'})"

    def _rows(self, until: datetime) -> int:
        tables = self._tables()
        if tables is None:
            return 0
        now = self._azure.clock.now
        return sum(_count(tables, f"{each} | count", now, end=until) for each in _TABLES)

    def _tables(self) -> LogTables | None:
        return next(iter(self._azure.workspaces.values()), None)

    def _hosted(self) -> Hosted | None:
        return next(iter(self._azure.service(AppService).sites), None)

    @property
    def _token(self) -> str:
        return self._azure.service(AppService).lab_token

    def _call(self, sending: Any) -> bool:
        return bool(self._azure.loopback.call(sending))

    def _wanted_version(self) -> str:
        code = self._newest(CODE)
        return str((code.inputs.get("environment") or {}).get("PUBLISH_VERSION")) if code else ""

    def _home_number(self) -> int:
        return self._number(_SERVER) or self._number(_SITE)

    def _number(self, token: str) -> int:
        found = self._newest(token)
        return found.number if found is not None else 0

    def _newest(self, token: str) -> Resource | None:
        found = self._azure.resources.list(token)
        return found[-1] if found else None


def _count(tables: LogTables, kql: str, now: datetime, end: datetime | None = None) -> int:
    (row,) = tables.query(kql, now, None, end).rows
    return int(row["Count"])
