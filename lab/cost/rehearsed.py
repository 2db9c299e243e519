"""The bill of a stack that has just been rehearsed, with the log bytes that it made."""

from datetime import datetime
from typing import Any

from lab.cost import log_volume, price_list, savings
from lab.cost.estimate import estimate
from lab.cost.record import record
from lab.cost.usage import expected
from lab.engine.in_process import Deployment
from lab.logs.log_tables import LogTables
from lab.logs.login_minutes import login_minutes


def bill(deployment: Deployment, tables: LogTables, now: datetime) -> dict[str, Any]:
    """For the usual use; `python -m lab cost` asks for another one with the same measurement."""
    seen = login_minutes(tables, now)
    sign_ins = sum(failures + successes for failures, successes in seen.values())
    volume = log_volume.measure(tables, now, sign_ins, "measured in this rehearsal")
    found = estimate(deployment.resources, expected(), volume, price_list.load())
    return record(deployment.stack, found, savings.suggestions(found))
