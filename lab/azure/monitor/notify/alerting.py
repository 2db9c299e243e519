"""What happens to an alert that fired: it is kept, and its action groups are told."""

from functools import partial

from lab.azure.core.subscription import Subscription
from lab.azure.monitor.notify import alertsmanagement
from lab.azure.monitor.notify.action_group import ReceiverGroup
from lab.azure.monitor.notify.fired_alert import Condition, FiredAlert
from lab.azure.monitor.notify.notification import Notifications
from lab.clock.clock import EVALUATE


class Alerting:
    """The messages of one subscription, and the alerts that are not of log search rules."""

    def __init__(self, azure: Subscription) -> None:
        self.platform_alerts: list[FiredAlert] = []
        self._azure = azure
        self.notifications = Notifications(
            azure.alerting,
            None,
            self._group,
            lambda: alertsmanagement.processing_rules(azure),
        )
        azure.closing.callback(self.notifications.close)

    def send(self, alert: FiredAlert, condition: Condition) -> None:
        """Tell the alert's action groups now."""
        self.notifications.send(alert, condition)

    def emit(self, alert: FiredAlert, condition: Condition) -> None:
        """Keep an alert of the platform, and tell its action groups.

        What measures is ahead of the log rules: messages go out in the order of lab time.
        """
        if condition == "Fired":
            self.platform_alerts.append(alert)
        if self._azure.alerting is self._azure.clock:
            self.send(alert, condition)
        else:
            send = partial(self.send, alert, condition)
            self._azure.alerting.at(self._azure.clock.now, send, order=EVALUATE)

    def _group(self, group_id: str) -> ReceiverGroup | None:
        found = self._azure.resources.find(group_id)
        return ReceiverGroup.from_arm(found.inputs, found.name) if found else None
