"""How many bytes of log a request and a sign-in make: measured, and scaled to a use."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from components.limits.refusal import RefusedError
from lab.azure.operationalinsights.billed_size import GB, NOT_BILLED
from lab.logs.log_tables import LogTables

SHIPPED: Final = Path(__file__).with_name("measured.json")
REQUESTS: Final = "AppServiceHTTPLogs"
CONSOLE: Final = "AppServiceConsoleLogs"

_LONG_AGO: Final = timedelta(days=3650)


@dataclass(frozen=True)
class LogVolume:
    """Billed bytes for each request and each sign-in, and the run that they were measured in."""

    bytes_a_request: float
    bytes_a_sign_in: float
    requests: int
    sign_ins: int
    measured: str
    """When and how, in words."""

    def gigabytes(self, requests: float, sign_ins: float) -> float:
        """What so many make."""
        return (requests * self.bytes_a_request + sign_ins * self.bytes_a_sign_in) / GB

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(tables: LogTables, now: datetime, sign_ins: int, measured: str) -> LogVolume:
    """What the rows of a run would be billed as, for each request and each sign-in of it.

    The text of every column counts, but the standard ones ("Data size calculation", the same page).
    """
    requests, http = _billed(tables, now, REQUESTS)
    _, console = _billed(tables, now, CONSOLE)
    return LogVolume(
        bytes_a_request=round(http / max(requests, 1), 1),
        bytes_a_sign_in=round(console / max(sign_ins, 1), 1),
        requests=requests,
        sign_ins=sign_ins,
        measured=measured,
    )


def shipped() -> LogVolume:
    """Measured by the authors, for whoever has not rehearsed yet."""
    return _read(json.loads(SHIPPED.read_text(encoding="utf-8")), SHIPPED)


def of_report(file: Path) -> LogVolume:
    """What the rehearsal of a report.json measured; RefusedError when it did not."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RefusedError.of(
            f"{file} does not exist",
            f"expected the report of a rehearsal: python -m lab rehearse --report {file.parent}",
        ) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise RefusedError.of(
            f"{file} cannot be read", f"expected a rehearsal's report: {error}"
        ) from error
    cost = content.get("cost") if isinstance(content, dict) else None
    volume = cost.get("log_volume") if isinstance(cost, dict) else None
    if not isinstance(volume, dict):
        raise RefusedError.of(
            f"{file} holds no measured log volume", "expected the report of a rehearsal"
        )
    return _read(volume, file)


def _read(content: Mapping[str, Any], file: Path) -> LogVolume:
    try:
        found = LogVolume(**content)
        sizes = (found.bytes_a_request, found.bytes_a_sign_in)
        if not all(isinstance(each, int | float) and each >= 0 for each in sizes):
            raise ValueError(f"sizes {sizes}")
    except (TypeError, ValueError) as error:
        raise RefusedError.of(f"the log volume in {file} cannot be used: {error}") from error
    return found


def _billed(tables: LogTables, now: datetime, table: str) -> tuple[int, int]:
    """Rows, and their billed bytes."""
    columns = [name for name in tables.columns[table] if name not in NOT_BILLED]
    size = " + ".join(f"""coalesce(strlen(CAST("{name}" AS VARCHAR)), 0)""" for name in columns)
    select = f"SELECT count(*), coalesce(sum({size}), 0) FROM {{query}}"  # noqa: S608
    ((_, rows, size_of_all),) = tables.fetch(select, table, [now], _LONG_AGO)
    return int(rows), int(size_of_all)
