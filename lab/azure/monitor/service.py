"""The alerting service of one Azure: which rules run, and what happens to their alerts."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from lab.azure.log_tables import LogTables
from lab.azure.monitor.action_group import ReceiverGroup
from lab.azure.monitor.alert import Alert, Condition
from lab.azure.monitor.alert_rule import AlertRule
from lab.azure.monitor.alert_state import AlertRuleRunner
from lab.azure.monitor.notification import Notifications
from lab.clock import EVALUATE, Appointment

if TYPE_CHECKING:
    from lab.azure import Azure

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Monitor:
    """Evaluates each rule at whole multiples of its frequency, UTC."""

    def __init__(self, azure: "Azure") -> None:
        self.runners: dict[str, AlertRuleRunner] = {}
        """By the rule's id in lower case."""
        self._azure = azure
        self._ticks: dict[str, Appointment] = {}
        self._notifications = Notifications(azure.clock, azure.inbox, self._group)
        azure.closing.callback(self._notifications.close)

    @classmethod
    def of(cls, azure: "Azure") -> "Monitor":
        """The one of an Azure, made when first asked for."""
        found = vars(azure).get("_monitor")
        if not isinstance(found, cls):
            found = vars(azure)["_monitor"] = cls(azure)
        return found

    def start(self, rule: AlertRule, tables: LogTables) -> AlertRuleRunner:
        """Evaluate the rule from its next tick on."""
        clock, key = self._azure.clock, rule.id.lower()
        runner = self.runners[key] = AlertRuleRunner(rule, tables, self.emit)
        first = next_tick(clock.now, rule.frequency)
        self._ticks[key] = clock.every(
            first, rule.frequency, lambda: runner.tick(clock.now), order=EVALUATE
        )
        return runner

    def stop(self, rule_id: str) -> None:
        """The rule's fired alerts stay as they are."""
        self._ticks.pop(rule_id.lower()).cancel()
        self.runners.pop(rule_id.lower())

    def emit(self, alert: Alert, condition: Condition) -> None:
        """Keep a fired alert, and tell its action groups."""
        if condition == "Fired":
            self._azure.alerts.append(alert)
        self._notifications.send(alert, condition)

    def _group(self, group_id: str) -> ReceiverGroup | None:
        found = self._azure.resources.find(group_id)
        return ReceiverGroup.from_arm(found.inputs, found.name) if found else None


def next_tick(after: datetime, frequency: timedelta) -> datetime:
    """The first whole multiple of the frequency later than a moment."""
    return EPOCH + ((after - EPOCH) // frequency + 1) * frequency
