"""What an attack left in the rows that a rule reads: those with one of its addresses."""

import ipaddress
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from lab.azure.monitor.log_search.alert import Alert
from lab.clock.rfc3339 import parse
from lab.kusto.kusto_error import KustoError
from lab.logs.log_tables import LogTables
from lab.play.timetable import Appearance
from lab.verdict.attribution import Wrote
from lab.verdict.broken_hop import sources_of

_ADDRESSES: Final = ("SrcIpAddr", "CIp")
_LAST: Final = timedelta(minutes=1)
"""After its last request an attack's rows are still its own."""


def of(alert: Alert, tables: LogTables) -> Wrote:
    """Counts an attack's rows in the alert's window, among those that had arrived when it fired.

    What the rule reads are the app's events where it asks for those, else its tables; rows without
    an address are nobody's. The rows are read once, with the first question.
    """
    rows: list[tuple[Any, Any]] | None = None

    def wrote(attack: Appearance) -> int:
        nonlocal rows
        if rows is None:
            rows = _rows(alert, tables)
        known = {ipaddress.ip_address(each) for each in attack.scenario.sources}
        return sum(
            address in known and attack.start <= when <= attack.end + _LAST
            for when, address in rows
        )

    return wrote


def _rows(alert: Alert, tables: LogTables) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    for _, kql in sources_of(alert.rule, tables):
        try:
            read = tables.query(kql, alert.fired_at, alert.window_start, alert.window_end).rows
        except KustoError:
            continue  # what cannot be read tells nothing of anybody
        found += [
            (parse(str(row["TimeGenerated"])), address)
            for row in read
            if (address := _address(row)) is not None and row.get("TimeGenerated")
        ]
    return found


def _address(row: Mapping[str, Any]) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    for name in _ADDRESSES:
        try:
            return ipaddress.ip_address(str(row.get(name) or ""))
        except ValueError:
            continue
    return None
