"""Sends what action groups say, with Azure's retries and limits in lab time.

Microsoft, "Action groups" (webhook retries), "Service limits" (rate limits) and "Alert processing
rules" (what is suppressed, and to whom else it goes).
"""

import json
import smtplib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote

import requests

from components.limits.alert_rule import MAX_NOTIFICATION_BYTES
from lab.azure.monitor.notify import mail, text_message
from lab.azure.monitor.notify.action_group import Receiver, ReceiverGroup
from lab.azure.monitor.notify.common_alert_schema import payload
from lab.azure.monitor.notify.fired_alert import Condition, Delivery, DeliveryStatus, FiredAlert
from lab.azure.monitor.notify.inbox import Inbox
from lab.azure.monitor.notify.processing_rule import ProcessingRule
from lab.clock.clock import DELIVER, Clock
from lab.host.loopback import is_loopback

RETRY_WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 5, 40, 5))
RETRIED: Final = frozenset({408, 429, 503, 504})
SILENCE: Final = timedelta(minutes=15)
TIMEOUT_S: Final = 10.0
MAILS_PER_HOUR: Final = 100
CALLS_PER_MINUTE: Final = 1_500
TEXT_PAUSE: Final = timedelta(minutes=5)
"""A number gets one text message in this time."""

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)

GroupOf = Callable[[str], ReceiverGroup | None]
Rules = Callable[[], Iterable[ProcessingRule]]
Step = Callable[[FiredAlert, Receiver, Delivery], None]


class Notifications:
    """Every message of one subscription; each one is a Delivery of its alert.

    Nothing leaves this machine: a URL of another host is answered by the inbox in its place.
    """

    def __init__(
        self, clock: Clock, inbox: Inbox | None, group_of: GroupOf, rules: Rules = tuple
    ) -> None:
        self._clock = clock
        self.inbox = inbox
        """Where messages go that would leave this machine."""
        self._group_of = group_of
        self._rules = rules
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment would see the URL
        self._silent_until: dict[str, datetime] = {}
        self._mails: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._texts: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._calls: deque[datetime] = deque()

    def send(self, alert: FiredAlert, condition: Condition) -> None:
        """Start a message to every receiver of the rule's action groups.

        Alert processing rules may add groups, or remove all: suppression beats adding.
        """
        if alert.muted:
            return
        body, now = payload(alert, condition), self._clock.now
        size = len(json.dumps(body).encode())
        applied = [rule for rule in self._rules() if rule.applies(body, now)]
        silencing = next((rule.name for rule in applied if rule.removes), None)
        added = [group for rule in applied for group in rule.adds]
        groups: dict[str, str] = {}
        for each in (*alert.rule.action_groups, *added):
            groups.setdefault(each.lower(), each)
        for group_id in groups.values():
            group = self._group_of(group_id)
            if silencing is not None:
                detail = f"removed by alert processing rule {silencing}"
                self._no_group(alert, condition, group_id, "suppressed", detail)
            elif group is None:
                detail = "the action group does not exist"
                self._no_group(alert, condition, group_id, "failed", detail)
            elif size > MAX_NOTIFICATION_BYTES:
                # What becomes of such a message is UNCONFIRMED; here nobody gets it.
                detail = f"the message has {size} bytes, and Azure takes {MAX_NOTIFICATION_BYTES}"
                self._no_group(alert, condition, group_id, "failed", detail)
            elif group.enabled:
                for receiver in group.receivers:
                    self._start(alert, condition, receiver, group)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _no_group(
        self,
        alert: FiredAlert,
        condition: Condition,
        group: str,
        status: DeliveryStatus,
        detail: str,
    ) -> None:
        name = group.rpartition("/")[2]
        delivery = Delivery("actionGroup", name, "", condition, self._clock.now)
        alert.deliveries.append(delivery)
        _end(delivery, status, detail)

    def _start(
        self, alert: FiredAlert, condition: Condition, receiver: Receiver, group: ReceiverGroup
    ) -> None:
        now = self._clock.now
        delivery = Delivery(receiver.kind, receiver.name, receiver.shown, condition, now)
        alert.deliveries.append(delivery)
        if receiver.kind == "other":
            detail = f"{receiver.to} are not modelled; mail, texts, webhooks and Logic Apps are"
            _end(delivery, "suppressed", detail)
            return
        steps: dict[str, Step] = {
            "email": self._mail,
            "sms": partial(self._text, group.short_name),
        }
        step = steps.get(receiver.kind, self._post)
        self._clock.at(now, partial(step, alert, receiver, delivery), order=DELIVER)

    def _mail(self, alert: FiredAlert, receiver: Receiver, delivery: Delivery) -> None:
        if self.inbox is None:
            _end(delivery, "suppressed", "there is no mail server")
            return
        if not self._within(self._mails[receiver.to.lower()], MAILS_PER_HOUR, _HOUR):
            _end(delivery, "suppressed", f"more than {MAILS_PER_HOUR} mails an hour")
            return
        delivery.attempts += 1
        host, port = self.inbox.mail_server
        try:
            message = mail.message(alert, delivery.condition, receiver.to)
            with smtplib.SMTP(host, port, "localhost", TIMEOUT_S) as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            _end(delivery, "failed", f"mail server {host}:{port}: {error}")
        else:
            _end(delivery, "delivered")

    def _text(
        self, short_name: str, alert: FiredAlert, receiver: Receiver, delivery: Delivery
    ) -> None:
        if self.inbox is None:
            _end(delivery, "suppressed", "there is no inbox")
        elif not self._within(self._texts[receiver.to], 1, TEXT_PAUSE):
            _end(delivery, "suppressed", "more than one text message in 5 minutes")
        else:
            delivery.attempts += 1
            text = text_message.text(short_name, payload(alert, delivery.condition))
            self.inbox.take_text_message(receiver.to, text)
            _end(delivery, "delivered", "kept in the lab's inbox in place of the telephone")

    def _post(self, alert: FiredAlert, receiver: Receiver, delivery: Delivery) -> None:
        now = delivery.at = self._clock.now
        url = self._url(receiver, delivery)
        if url is None:
            _end(delivery, "suppressed", "another host is not contacted and there is no inbox")
        elif now < self._silent_until.get(receiver.to, now):
            _end(delivery, "suppressed", "no calls for 15 minutes after five failed retries")
        elif not self._within(self._calls, CALLS_PER_MINUTE, _MINUTE):
            _end(delivery, "suppressed", f"more than {CALLS_PER_MINUTE} calls a minute")
        else:
            delivery.attempts += 1
            refusal, again = self._call(url, payload(alert, delivery.condition))
            if not refusal:
                _end(delivery, "delivered", delivery.detail)
            elif again and delivery.attempts <= len(RETRY_WAITS):
                delivery.detail = refusal
                wait = RETRY_WAITS[delivery.attempts - 1]
                retry = partial(self._post, alert, receiver, delivery)
                self._clock.at(now + wait, retry, order=DELIVER)
            else:
                _end(delivery, "failed", refusal)
                if again:
                    self._silent_until[receiver.to] = now + SILENCE

    def _url(self, receiver: Receiver, delivery: Delivery) -> str | None:
        if is_loopback(receiver.to):
            delivery.detail = ""
            return receiver.to
        if self.inbox is None:
            return None
        delivery.detail = f"answered by the lab's inbox in place of {receiver.shown}"
        return self.inbox.webhook_url(quote(f"{receiver.shown}/{receiver.name}"))

    def _call(self, url: str, body: dict[str, Any]) -> tuple[str, bool]:
        """What went wrong, '' for nothing, and whether Azure would try again."""
        try:
            answer = self._http.post(
                url,
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json; charset=utf-8"},
                timeout=TIMEOUT_S,
                allow_redirects=False,  # it could lead off this machine
            )
        except requests.RequestException as error:
            return type(error).__name__, True  # its text would hold the URL
        code = answer.status_code
        return ("" if 200 <= code < 300 else f"HTTP {code}"), code in RETRIED

    def _within(self, sent: deque[datetime], limit: int, span: timedelta) -> bool:
        """Count one more message, unless the limit of the span is reached."""
        now = self._clock.now
        while sent and sent[0] <= now - span:
            sent.popleft()
        if len(sent) >= limit:
            return False
        sent.append(now)
        return True


def _end(delivery: Delivery, status: DeliveryStatus, detail: str = "") -> None:
    delivery.status, delivery.detail = status, detail
