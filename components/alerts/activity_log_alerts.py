"""The activity-log alerts of PlatformAlerts as data: whose hand changed what, and Azure's health.

Pure: no pulumi, no I/O. Operations are the resource providers' own names; Azure compares them
whatever the case. Azure gives these alerts severity 4 and no way to change it, so `urgent` decides
who is told.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ActivityLogAlert:
    """One rule on the activity log; each of `conditions` is a field and the values it may have."""

    role: str
    title: str
    category: str
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    urgent: bool
    why: str
    tune: str

    @property
    def signal(self) -> str:
        """`Administrative: Microsoft.Web/sites/write, …`."""
        return f"{self.category}: {', '.join(self.conditions[0][1])}"

    @property
    def default(self) -> str:
        """Who is told; such an alert has no threshold."""
        return f"every event, to the {'urgent' if self.urgent else 'routine'} action group"

    def all_of(self) -> list[dict[str, Any]]:
        """ARM's `condition.allOf`: the category, then one condition of each field."""
        found: list[dict[str, Any]] = [{"field": "category", "equals": self.category}]
        for field, values in self.conditions:
            leaves = [{"field": field, "equals": value} for value in values]
            found.append(leaves[0] if len(leaves) == 1 else {"any_of": leaves})
        return found


# Each operation is logged when it starts and when it ends: without this, one change rings twice.
_DONE = ("status", ("Succeeded",))


def _written(*types: str) -> tuple[str, ...]:
    return tuple(f"{type_}/{verb}" for type_ in types for verb in ("write", "delete"))


ACTIVITY_LOG_ALERTS: tuple[ActivityLogAlert, ...] = (
    ActivityLogAlert(
        role="app-configuration",
        title="Web app configuration changed",
        category="Administrative",
        conditions=(
            (
                "operationName",
                (
                    *_written("Microsoft.Web/sites"),
                    "Microsoft.Web/sites/config/write",
                    "Microsoft.Web/sites/basicPublishingCredentialsPolicies/write",
                    "Microsoft.Web/sites/publishxml/action",
                    "Microsoft.Web/sites/stop/action",
                ),
            ),
            _DONE,
        ),
        urgent=False,
        why="Settings hold the secret key, rate limits and initial users; whoever may write them"
        " owns the login. Opening the publishing passwords, or fetching the publishing profile, is"
        " the quiet way in. Your own deployments ring too, which is the point: an entry that"
        " nobody announced stands out.",
        tune="Announce deployments with an alert processing rule; do not narrow the operations.",
    ),
    ActivityLogAlert(
        role="alert-rules",
        title="Alert rules changed",
        category="Administrative",
        conditions=(
            (
                "operationName",
                (
                    *_written(
                        "Microsoft.Insights/scheduledQueryRules",
                        "Microsoft.Insights/metricAlerts",
                        "Microsoft.Insights/activityLogAlerts",
                        "Microsoft.Insights/webtests",
                        "Microsoft.AlertsManagement/actionRules",
                    ),
                    # Azure itself does this to a log alert that has failed for a week.
                    "Microsoft.Insights/scheduledQueryRules/disable/action",
                ),
            ),
            _DONE,
        ),
        urgent=True,
        why="A rule that is disabled, loosened or deleted is how monitoring is switched off before"
        " an attack (ATT&CK T1562.008). It also tells when Azure has given up on a log alert whose"
        " query fails. Whoever deletes this rule first is seen by nobody: keep that right scarce.",
        tune="Announce deployments with an alert processing rule of a few minutes.",
    ),
    ActivityLogAlert(
        role="diagnostic-settings",
        title="Log collection changed",
        category="Administrative",
        conditions=(
            (
                "operationName",
                _written(
                    "Microsoft.Insights/diagnosticSettings",
                    "Microsoft.OperationalInsights/workspaces",
                ),
            ),
            _DONE,
        ),
        urgent=True,
        why="Without the diagnostic setting no login event reaches the log store and every"
        " detection is silent, which looks like a quiet night. A daily cap or a shorter retention"
        " of the workspace does the same more slowly.",
        tune="Leave it: a diagnostic setting changes a few times a year.",
    ),
    ActivityLogAlert(
        role="action-groups",
        title="Action groups changed",
        category="Administrative",
        conditions=(("operationName", _written("Microsoft.Insights/actionGroups")), _DONE),
        urgent=True,
        why="Whoever takes a receiver out of an action group silences every alert without touching"
        " one. The message goes to the group as it is after the change, so keep two ways in it.",
        tune="Leave it: receivers change when people do.",
    ),
    ActivityLogAlert(
        role="service-health",
        title="Azure reports a problem with its services",
        category="ServiceHealth",
        conditions=(("properties.incidentType", ("Incident", "Security", "ActionRequired")),),
        urgent=False,
        why="Tells an outage of Azure from a fault of one's own, and brings security advisories."
        " Azure writes an event only into subscriptions that it concerns, so services and regions"
        " are not filtered: a list would go stale and lose the one that matters.",
        tune="Add Maintenance in the portal's Service Health page when planned work matters.",
    ),
    ActivityLogAlert(
        role="resource-health",
        title="A resource is not healthy",
        category="ResourceHealth",
        conditions=(
            ("properties.currentHealthStatus", ("Unavailable",)),
            ("properties.previousHealthStatus", ("Available", "Degraded")),
        ),
        urgent=True,
        why="The platform's own view of app, plan, database and workspace. Causes are not filtered:"
        " a resource that a user has stopped is of interest here as well. What was unknown before,"
        " as a new resource is, does not ring.",
        tune="Leave it; a resource that is stopped every night belongs into a suppression window.",
    ),
    ActivityLogAlert(
        role="resource-degraded",
        title="A resource is slower or less reliable",
        category="ResourceHealth",
        conditions=(
            ("properties.currentHealthStatus", ("Degraded",)),
            ("properties.previousHealthStatus", ("Available",)),
            ("properties.cause", ("PlatformInitiated",)),
        ),
        urgent=False,
        why="Azure's own upgrades make a resource degraded for minutes, mostly at night, which is"
        " worth a mail in the morning and no text message.",
        tune="Leave it; what lasts becomes a metric alert.",
    ),
)
