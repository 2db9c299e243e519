"""Which log search rules of a subscription run, and when."""

from lab.azure.core.subscription import Subscription
from lab.azure.monitor.log_search.alert import Alert
from lab.azure.monitor.log_search.alert_rule import AlertRule
from lab.azure.monitor.log_search.alert_state import AlertRuleRunner
from lab.azure.monitor.notify.alerting import Alerting
from lab.azure.monitor.notify.fired_alert import Condition
from lab.clock.clock import EVALUATE, Appointment
from lab.clock.ticks import next_tick
from lab.logs.log_tables import LogTables


class Evaluator:
    """Evaluates each rule at whole multiples of its frequency, UTC, on the clock of alerting."""

    def __init__(self, azure: Subscription) -> None:
        self.runners: dict[str, AlertRuleRunner] = {}
        """By the rule's id in lower case."""
        self.learning: dict[str, AlertRule] = {}
        """Rules with a dynamic threshold, which are not evaluated here; by the same key."""
        self.alerts: list[Alert] = []
        """In the order of firing."""
        self._azure = azure
        self._ticks: dict[str, Appointment] = {}

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

    def emit(self, alert: Alert, condition: Condition) -> None:
        """Keep a fired alert, and tell its action groups."""
        if condition == "Fired":
            self.alerts.append(alert)
        self._azure.service(Alerting).send(alert, condition)
