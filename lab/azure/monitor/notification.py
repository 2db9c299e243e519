"""Sends what action groups say: webhooks and mails, with Azure's retries and limits in lab time.

Microsoft, "Action groups" (webhook retries) and "Service limits" (rate limits).
"""

import ipaddress
import json
import smtplib
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests

from lab.azure.monitor import mail
from lab.azure.monitor.action_group import Receiver, ReceiverGroup
from lab.azure.monitor.alert import Alert, Condition, Delivery, DeliveryStatus
from lab.clock import DELIVER, Clock
from lab.inbox import Inbox

RETRY_WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 5, 40, 5))
RETRIED: Final = frozenset({408, 429, 503, 504})
SILENCE: Final = timedelta(minutes=15)
TIMEOUT_S: Final = 10.0
MAILS_PER_HOUR: Final = 100
CALLS_PER_MINUTE: Final = 1_500

_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)

GroupOf = Callable[[str], ReceiverGroup | None]


class Notifications:
    """Every message of one subscription; each one is a Delivery of its alert.

    Nothing leaves this machine: a URL of another host is answered by the inbox in its place.
    """

    def __init__(self, clock: Clock, inbox: Inbox | None, group_of: GroupOf) -> None:
        self._clock = clock
        self._inbox = inbox
        self._group_of = group_of
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment would see the URL
        self._silent_until: dict[str, datetime] = {}
        self._mails: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._calls: deque[datetime] = deque()

    def send(self, alert: Alert, condition: Condition) -> None:
        """Start a message to every receiver of the rule's action groups."""
        if alert.muted:
            return
        for group_id in alert.rule.action_groups:
            group = self._group_of(group_id)
            if group is None:
                name = group_id.rpartition("/")[2]
                missing = Delivery("actionGroup", name, "", condition, self._clock.now)
                alert.deliveries.append(missing)
                _end(missing, "failed", "the action group does not exist")
            elif group.enabled:
                for receiver in group.receivers:
                    self._start(alert, condition, receiver)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _start(self, alert: Alert, condition: Condition, receiver: Receiver) -> None:
        now = self._clock.now
        delivery = Delivery(receiver.kind, receiver.name, receiver.shown, condition, now)
        alert.deliveries.append(delivery)
        if receiver.kind == "other":
            detail = f"{receiver.to} are not modelled; mail, webhooks and Logic Apps are"
            _end(delivery, "suppressed", detail)
            return
        step = self._mail if receiver.kind == "email" else self._post
        self._clock.at(now, partial(step, alert, receiver, delivery), order=DELIVER)

    def _mail(self, alert: Alert, receiver: Receiver, delivery: Delivery) -> None:
        if self._inbox is None:
            _end(delivery, "suppressed", "there is no mail server")
            return
        if not self._within(self._mails[receiver.to.lower()], MAILS_PER_HOUR, _HOUR):
            _end(delivery, "suppressed", f"more than {MAILS_PER_HOUR} mails an hour")
            return
        delivery.attempts += 1
        host, port = self._inbox.mail_server
        try:
            message = mail.message(alert, delivery.condition, receiver.to)
            with smtplib.SMTP(host, port, "localhost", TIMEOUT_S) as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            _end(delivery, "failed", f"mail server {host}:{port}: {error}")
        else:
            _end(delivery, "delivered")

    def _post(self, alert: Alert, receiver: Receiver, delivery: Delivery) -> None:
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
            refusal, again = self._call(url, alert.payload(delivery.condition))
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
        if _is_loopback(receiver.to):
            delivery.detail = ""
            return receiver.to
        if self._inbox is None:
            return None
        delivery.detail = f"answered by the lab's inbox in place of {receiver.shown}"
        return self._inbox.webhook_url(quote(f"{receiver.shown}/{receiver.name}"))

    def _call(self, url: str, payload: dict[str, Any]) -> tuple[str, bool]:
        """What went wrong, '' for nothing, and whether Azure would try again."""
        try:
            answer = self._http.post(
                url,
                data=json.dumps(payload).encode(),
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


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
