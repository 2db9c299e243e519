"""The alerting service of one Azure: which rules run, and what happens to their alerts."""

from functools import partial
from typing import TYPE_CHECKING

from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.azure.monitor.notify import alertsmanagement
from lab.azure.monitor.notify.action_group import ReceiverGroup
from lab.azure.monitor.notify.fired_alert import Condition, FiredAlert
from lab.azure.monitor.notify.notification import Notifications
from lab.clock.clock import EVALUATE, Appointment
from lab.clock.ticks import next_tick
from lab.logs.log_tables import LogTables

if TYPE_CHECKING:
    from lab.azure import Azure


class Monitor:
    """Evaluates each rule at whole multiples of its frequency, UTC, on the clock of alerting."""

    def __init__(self, azure: "Azure") -> None:
        self.runners: dict[str, AlertRuleRunner] = {}
        """By the rule's id in lower case."""
        self.learning: dict[str, AlertRule] = {}
        """Rules with a dynamic threshold, which are not evaluated here; by the same key."""
        self._azure = azure
        self._ticks: dict[str, Appointment] = {}
        self._notifications = Notifications(
            azure.alerting,
            azure.inbox,
            self._group,
            lambda: alertsmanagement.processing_rules(azure),
        )
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
        clock, key = self._azure.alerting, rule.id.lower()
        runner = self.runners[key] = AlertRuleRunner(rule, tables, self.emit)
        first = next_tick(clock.now, rule.frequency)
        self._ticks[key] = clock.every(
            first,
            rule.frequency,
            lambda: runner.tick(clock.now, self._azure.clock.now),
            order=EVALUATE,
        )
        return runner

    def keep(self, rule: AlertRule) -> None:
        """A rule whose threshold Azure would have to learn first: it is only recorded."""
        self.learning[rule.id.lower()] = rule

    def stop(self, rule_id: str) -> None:
        """The rule's fired alerts stay as they are."""
        if self.learning.pop(rule_id.lower(), None) is not None:
            return
        self._ticks.pop(rule_id.lower()).cancel()
        self.runners.pop(rule_id.lower())

    def emit(self, alert: FiredAlert, condition: Condition) -> None:
        """Keep a fired alert, and tell its action groups."""
        send = partial(self._notifications.send, alert, condition)
        if isinstance(alert, Alert):
            if condition == "Fired":
                self._azure.alerts.append(alert)
            send()
            return
        if condition == "Fired":
            self._azure.platform_alerts.append(alert)
        if self._azure.alerting is self._azure.clock:
            send()
        else:
            # What measures is ahead of the log rules: messages go out in the order of lab time.
            self._azure.alerting.at(self._azure.clock.now, send, order=EVALUATE)

    def _group(self, group_id: str) -> ReceiverGroup | None:
        found = self._azure.resources.find(group_id)
        return ReceiverGroup.from_arm(found.inputs, found.name) if found else None
