"""The metric alerts of PlatformAlerts as data: what each watches, its default, and why.

Pure: no pulumi, no I/O. The starting points are those of Azure Monitor Baseline Alerts where it has
one; where ours differs, `why` says for what reason.
"""

from dataclasses import dataclass
from typing import Literal

from components.limits import metric_alert

Target = Literal["app", "plan", "database", "availability"]

NAMESPACES: dict[Target, str] = {
    "app": metric_alert.SITES,
    "plan": metric_alert.PLANS,
    "database": metric_alert.DATABASES,
}
_SIGNS = {
    "GreaterThan": ">",
    "GreaterThanOrEqual": ">=",
    "LessThan": "<",
    "LessThanOrEqual": "<=",
    "Equals": "=",
}
_GIB = 2.0**30


@dataclass(frozen=True)
class MetricAlert:
    """One alert rule on one metric; without a threshold Azure learns one (dynamic threshold)."""

    role: str
    title: str
    target: Target
    metric: str
    aggregation: str
    operator: str
    window: str
    severity: int
    why: str
    tune: str
    threshold: float | None = None
    sensitivity: str = ""
    """Low, Medium or High for a dynamic threshold; empty for a static one."""
    frequency: str = "PT1M"
    unit: str = ""
    most: float | None = None
    """The largest threshold that can ever be crossed, where there is one."""
    enabled: bool = True

    @property
    def is_dynamic(self) -> bool:
        return bool(self.sensitivity)

    @property
    def signal(self) -> str:
        """`Total of Http4xx over PT5M`."""
        return f"{self.aggregation} of {self.metric} over {self.window}"

    @property
    def default(self) -> str:
        """`> 100`, `dynamic, Medium sensitivity`."""
        if self.is_dynamic:
            return f"dynamic, {self.sensitivity} sensitivity"
        return f"{_SIGNS[self.operator]} {self.threshold:g} {self.unit}".strip()


METRIC_ALERTS: tuple[MetricAlert, ...] = (
    MetricAlert(
        role="client-errors",
        title="Many client errors",
        target="app",
        metric="Http4xx",
        aggregation="Total",
        operator="GreaterThan",
        threshold=75,
        window="PT5M",
        severity=3,
        why="The ordinary Monday morning of the rehearsal stays below 25 in five minutes;"
        " three times that is a scanner, a broken release, or a client gone wild."
        " It sees what no detection counts: errors spread over many addresses.",
        tune="Three times the highest five minutes of an ordinary week.",
    ),
    MetricAlert(
        role="unauthorized",
        title="Many failed sign-ins",
        target="app",
        metric="Http401",
        aggregation="Total",
        operator="GreaterThan",
        threshold=50,
        window="PT5M",
        severity=2,
        why="The app answers a wrong password with 401. Fifty in five minutes are beyond people who"
        " mistype; the metric needs no log to arrive, so that it still works when logging has"
        " been switched off. (Azure's baseline is 20, which a Monday morning can reach.)",
        tune="Lower it for an app with few users: a tenth of the people who sign in on a Monday.",
    ),
    MetricAlert(
        role="forbidden",
        title="Many forbidden requests",
        target="app",
        metric="Http403",
        aggregation="Total",
        operator="GreaterThan",
        threshold=20,
        window="PT5M",
        severity=3,
        why="The app itself forbids next to nothing: 403 comes from access restrictions, a stopped"
        " site, or somebody who tries pages and tokens that are not theirs.",
        tune="Raise it where access restrictions turn crawlers away all day.",
    ),
    MetricAlert(
        role="server-errors",
        title="Server errors",
        target="app",
        metric="Http5xx",
        aggregation="Total",
        operator="GreaterThan",
        threshold=10,
        window="PT5M",
        severity=1,
        why="Ordinary traffic makes none. Ten in five minutes are no single fault of a restart but"
        " an app that is down, a database that is gone, or an exploit that is being tried.",
        tune="Lower it towards 1 when restarts are announced with a suppression window.",
    ),
    MetricAlert(
        role="slow-responses",
        title="Slow responses",
        target="app",
        metric="HttpResponseTime",
        aggregation="Average",
        operator="GreaterThan",
        threshold=5,
        unit="s",
        window="PT15M",
        frequency="PT5M",
        severity=2,
        why="The slowest page is the sign-in, whose password hash is meant to be slow: well under a"
        " second. An average of five (Azure's baseline) means that requests queue up behind it,"
        " which is how a login page is flooded. Fifteen minutes keep a cold start from ringing.",
        tune="Ten times the average of an ordinary day.",
    ),
    MetricAlert(
        role="unhealthy",
        title="Health check fails",
        target="app",
        metric="HealthCheckStatus",
        aggregation="Average",
        operator="LessThan",
        threshold=100,
        unit="%",
        most=100,
        window="PT5M",
        severity=1,
        why="App Service asks every instance for its health page each minute; anything below 100 is"
        " an instance without app or database. Azure has one value every five minutes, so the"
        " window cannot be shorter.",
        tune="With several instances: below 100 for one that is down, below 50 for half of them.",
    ),
    MetricAlert(
        role="app-memory",
        title="App uses much memory",
        target="app",
        metric="MemoryWorkingSet",
        aggregation="Average",
        operator="GreaterThan",
        threshold=_GIB,
        unit="bytes",
        window="PT15M",
        frequency="PT5M",
        severity=3,
        why="1 GiB is more than half of the smallest paid size (B1, 1.75 GB), which this small app"
        " has no use for; an app that takes all of it is restarted and forgets its rate limits.",
        tune="Two thirds of the plan's memory.",
    ),
    MetricAlert(
        role="unusual-requests",
        title="Unusual number of requests",
        target="app",
        metric="Requests",
        aggregation="Total",
        operator="GreaterOrLessThan",
        sensitivity="Medium",
        window="PT15M",
        frequency="PT5M",
        severity=3,
        why="No fixed number suits nights and Monday mornings, so Azure learns hours and weekdays."
        " Both directions: a flood, and a silence in which people cannot reach the app. Four of"
        " four periods must deviate; it needs 3 days of history before it can ring at all.",
        tune="Sensitivity Low for a site with campaigns or few visitors, High for a steady one.",
    ),
    MetricAlert(
        role="unusual-client-errors",
        title="Unusual number of client errors",
        target="app",
        metric="Http4xx",
        aggregation="Total",
        operator="GreaterThan",
        sensitivity="Medium",
        window="PT15M",
        frequency="PT5M",
        severity=3,
        why="Catches the slow scan that stays below the fixed threshold, by comparison with the"
        " same hour of other days; only upwards, because fewer errors are good news.",
        tune="Sensitivity Low where broken links come and go.",
    ),
    MetricAlert(
        role="plan-cpu",
        title="Plan is short of CPU",
        target="plan",
        metric="CpuPercentage",
        aggregation="Average",
        operator="GreaterThan",
        threshold=90,
        unit="%",
        most=100,
        window="PT15M",
        frequency="PT5M",
        severity=2,
        why="Password hashing is CPU; above 90 % over a quarter of an hour real users wait behind"
        " somebody's guesses. Azure's baseline has the same 90 over five minutes, which every"
        " deployment reaches.",
        tune="80 when a second instance takes minutes that you do not have.",
    ),
    MetricAlert(
        role="plan-memory",
        title="Plan is short of memory",
        target="plan",
        metric="MemoryPercentage",
        aggregation="Average",
        operator="GreaterThan",
        threshold=90,
        unit="%",
        most=100,
        window="PT15M",
        frequency="PT5M",
        severity=3,
        why="Azure's baseline, over a quarter of an hour: beyond it the next thing to happen is a"
        " restart of the app.",
        tune="Raise it to 95 on B1 when the app is stable.",
    ),
    MetricAlert(
        role="database-cpu",
        title="Database is short of CPU",
        target="database",
        metric="cpu_percent",
        aggregation="Average",
        operator="GreaterThan",
        threshold=90,
        unit="%",
        most=100,
        window="PT15M",
        frequency="PT5M",
        severity=2,
        why="Signing in reads one row; a database at 90 % for a quarter of an hour is used by"
        " somebody else, or a burstable size has spent its credits.",
        tune="80 on a burstable size, so that it rings before the credits are gone.",
    ),
    MetricAlert(
        role="database-storage",
        title="Database is nearly full",
        target="database",
        metric="storage_percent",
        aggregation="Maximum",
        operator="GreaterThan",
        threshold=80,
        unit="%",
        most=100,
        window="PT15M",
        frequency="PT15M",
        severity=2,
        why="At 95 % the server becomes read-only and nobody can sign in; 80 leaves days, not"
        " minutes, to grow the disk, which is quick and cannot be undone.",
        tune="90 with a disk of 512 GB and more.",
    ),
    MetricAlert(
        role="database-connections",
        title="Database runs out of connections",
        target="database",
        metric="active_connections",
        aggregation="Maximum",
        operator="GreaterThan",
        threshold=30,
        window="PT5M",
        frequency="PT5M",
        severity=2,
        why="The smallest size takes 50 connections and keeps 15 of them for itself; one instance"
        " of the app holds a handful. Thirty means a leak, or a visitor who is not the app.",
        tune="Four fifths of max_connections minus 15 on your size.",
    ),
    MetricAlert(
        role="database-connection-failures",
        title="Connections to the database fail",
        target="database",
        metric="connections_failed",
        aggregation="Total",
        operator="GreaterThan",
        threshold=5,
        window="PT5M",
        severity=1,
        why="The app knows its password: more than five refusals in five minutes are a rotated"
        " secret that did not arrive, or somebody guessing at the database itself.",
        tune="Raise it only while a password is being rotated.",
    ),
    MetricAlert(
        role="database-down",
        title="Database does not answer",
        target="database",
        metric="is_db_alive",
        aggregation="Maximum",
        operator="LessThan",
        threshold=1,
        most=1,
        window="PT15M",
        severity=0,
        why="Nobody can sign in. The maximum over a quarter of an hour is 0 only when it was never"
        " up, so that a planned failover of a minute or two stays quiet.",
        tune="Window and threshold are best left alone; switch it off during a restore.",
    ),
    MetricAlert(
        role="availability",
        title="App cannot be reached",
        target="availability",
        metric="Failed Location",
        aggregation="Total",
        operator="GreaterThanOrEqual",
        threshold=3,
        unit="locations",
        most=5,
        window="PT5M",
        severity=0,
        why="The only alert that looks from outside: DNS, certificate, front end, app, database."
        " Each of five locations asks every five minutes and once more after a failure;"
        " Microsoft advises locations minus two, so that one broken network path is not news.",
        tune="4 or 5 to be woken only when nobody at all gets through.",
    ),
)
