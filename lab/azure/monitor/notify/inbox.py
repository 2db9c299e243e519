"""The lab's inbox: what action groups send to web addresses, mailboxes and telephones."""

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.parser import BytesParser
from typing import Any, Final, Literal

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from lab.clock.clock import Clock
from lab.host.closing import Closing
from lab.host.loopback import HOST, Loopback

MAX_BYTES: Final = 1024 * 1024
"""Of one message; Azure's payloads end at 256 KB."""

_PARSER: Final = BytesParser(policy=policy.default)


@dataclass(frozen=True)
class Received:
    """A message as it arrived, at lab time."""

    kind: Literal["webhook", "email", "sms"]
    at: datetime
    to: str
    """The address of a mail; the path of a webhook; the number of a telephone."""
    subject: str
    body: str
    payload: dict[str, Any] | None = None
    """The JSON of a webhook."""


class Inbox(Closing):
    """Both servers listen on 127.0.0.1 from the start until `close`.

    `mail_server` names a server of the user's (host, port) that gets the mails instead.
    """

    def __init__(self, clock: Clock, mail_server: tuple[str, int] | None = None) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._messages: list[Received] = []
        self._webhook_failures: list[int] = []
        self._mail_failures = 0
        self._loopback = Loopback()
        app = web.Application(client_max_size=MAX_BYTES)
        app.router.add_post("/{path:.*}", self._webhook)
        self.webhook_port = self._loopback.serve(app)
        self._smtp = self._loopback.call(
            self._loopback.loop.create_server(
                lambda: SMTP(self, loop=self._loopback.loop, data_size_limit=MAX_BYTES), HOST, 0
            )
        )
        own = (HOST, int(self._smtp.sockets[0].getsockname()[1]))
        self.mail_server = mail_server or own

    @property
    def messages(self) -> list[Received]:
        """Everything received so far, in order of arrival."""
        with self._lock:
            return list(self._messages)

    def webhook_url(self, path: str) -> str:
        """An address of this inbox; the path is kept with each message."""
        return f"http://{HOST}:{self.webhook_port}/{path.lstrip('/')}"

    def take_text_message(self, number: str, text: str) -> None:
        """Keep what a telephone would get: no network is asked."""
        with self._lock:
            self._messages.append(Received("sms", self._clock.now, number, "", text))

    def fail_webhooks(self, times: int, status: int = 503) -> None:
        """Answer the next posts with an error."""
        with self._lock:
            self._webhook_failures += [status] * times

    def refuse_mails(self, times: int) -> None:
        """Answer the next mails with a temporary error (451)."""
        with self._lock:
            self._mail_failures += times

    def close(self) -> None:
        """Nothing listens afterwards; the messages stay. Twice is fine."""
        if not self._loopback.loop.is_closed():
            self._loopback.loop.call_soon_threadsafe(self._smtp.close)
        self._loopback.close()

    async def _webhook(self, request: web.Request) -> web.Response:
        text = await request.text()
        with self._lock:
            if self._webhook_failures:
                return web.Response(status=self._webhook_failures.pop(0))
            self._messages.append(self._posted(request.path, text))
        return web.Response(text="ok")

    def _posted(self, path: str, text: str) -> Received:
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        payload = found if isinstance(found, dict) else None
        data = payload.get("data") if payload else None
        essentials = data.get("essentials") if isinstance(data, dict) else None
        words = ("monitorCondition", "alertRule")
        known = essentials if isinstance(essentials, dict) else {}
        subject = " ".join(str(known[word]) for word in words if word in known)
        return Received("webhook", self._clock.now, path, subject, text, payload)

    async def handle_DATA(  # noqa: N802  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail once for each address."""
        message = _PARSER.parsebytes(envelope.original_content or b"")
        body = message.get_body(("plain", "html"))
        text = body.get_content().replace("\r\n", "\n") if body is not None else ""
        with self._lock:
            if self._mail_failures:
                self._mail_failures -= 1
                return "451 The mailbox is busy, try again later"
            for address in envelope.rcpt_tos:
                subject = str(message.get("Subject", ""))
                self._messages.append(Received("email", self._clock.now, address, subject, text))
        return "250 OK"
