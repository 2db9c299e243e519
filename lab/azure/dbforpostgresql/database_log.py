"""What a database server logs, as rows of PGSQLServerLogs."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from lab.azure.core.diagnostic_setting import dedicated_workspaces_for
from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.dbforpostgresql.server import PostgresServer
from lab.azure.operationalinsights.ingestion import Ingestion
from lab.logs.app_service_row import row

CATEGORY: Final = "PostgreSQLLogs"
TABLE: Final = "PGSQLServerLogs"

# As PostgresServer asks for it: session, process, SQLSTATE, kind of process, then PostgreSQL's own.
_LINE: Final = re.compile(
    r"(?P<session>[0-9a-f]+\.[0-9a-f]+)\|(?P<process>\d+)\|(?P<code>\w{5})\|(?P<backend>[^|]*)\|"
    r"(?P<level>[A-Z]+[0-9]*):  (?P<text>.*)"
)
_DETAILS: Final = {
    "DETAIL": "Detail",
    "HINT": "Hint",
    "CONTEXT": "Context",
    "STATEMENT": "Statement",
}


class DatabaseLog:
    """Hands rows to Azure whenever the clock moves, with the lab's time."""

    def __init__(self, azure: Subscription, server: Resource, running: PostgresServer) -> None:
        self._azure, self._server, self._running = azure, server, running
        self._time = azure.clock.now
        azure.clock.on_move(self._moved)

    def _moved(self, now: datetime) -> None:
        """What was logged until now was logged at the time before."""
        at, self._time = self._time, now
        lines = self._running.new_lines()
        if lines:
            self._hand_over(list(rows(lines, self._server, at)))

    def _hand_over(self, batch: list[dict[str, Any]]) -> None:
        """Without `Dedicated` the rows would land in AzureDiagnostics, where no rule looks."""
        wanted = dedicated_workspaces_for(self._azure, self._server.id, CATEGORY)
        known = [each for each in wanted if each in self._azure.workspaces]
        if not known:
            self._azure.dropped[TABLE] += len(batch)
        for workspace in known:
            self._azure.service(Ingestion).ingest(workspace, TABLE, batch)


def rows(lines: Iterable[str], server: Resource, at: datetime) -> Iterator[dict[str, Any]]:
    """One for each message; its details and its further lines belong to it.

    Message begins with Azure's log_line_prefix, `%t-%c-` and the level: seen in alert rules that
    were written against real servers, no page of Microsoft's says it (UNCONFIRMED).
    """
    current: dict[str, Any] | None = None
    last = "Message"
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            if current is not None:
                current[last] = f"{current[last]}\n{line.lstrip()}"
            continue
        level, text = found["level"], found["text"]
        if level in _DETAILS and current is not None:
            last = _DETAILS[level]
            current[last] = text
            continue
        if current is not None:
            yield current
        last = "Message"
        current = row(
            TABLE,
            server.id,
            at,
            LogicalServerName=server.name.lower(),
            ErrorLevel=level,
            SqlErrorCode=found["code"],
            ProcessId=int(found["process"]),
            BackendType=found["backend"],
            Message=f"{at:%Y-%m-%d %H:%M:%S} UTC-{found['session']}-{level}:  {text}",
        )
    if current is not None:
        yield current
