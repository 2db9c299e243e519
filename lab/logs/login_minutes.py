"""Sign-ins a minute, asked of the logs in KQL as an analyst would."""

from datetime import UTC, datetime

from components.content import kql_function
from lab.logs.log_tables import LogTables

_QUESTION = """LoginEvents
| where EventType == "Logon"
| summarize
    Failures = countif(EventResult == "Failure"),
    Successes = countif(EventResult == "Success")
    by Minute = bin(TimeGenerated, 1m)"""


def login_minutes(tables: LogTables, now: datetime) -> dict[datetime, tuple[int, int]]:
    """Minute -> (failures, successes) of all rows visible at `now`."""
    functions = kql_function.used_by(_QUESTION, kql_function.load_all())
    text = "\n".join([*(function.as_let() for function in functions), _QUESTION])
    return {
        datetime.fromisoformat(row["Minute"]).astimezone(UTC): (row["Failures"], row["Successes"])
        for row in tables.query(text, now).rows
    }
