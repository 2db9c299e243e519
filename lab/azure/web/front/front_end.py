"""App Service's front end for one site: forwards requests to the app and logs each of them."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

from lab.azure.web.front.forwarded import (
    ClientError,
    at_host_name,
    client_of,
    request_headers,
    response_headers,
)
from lab.azure.web.site import http_log
from lab.azure.web.site.site import Site, State
from lab.host.loopback import HOST, Loopback

BODY_LIMIT: Final = 30_000_000
ANSWER_SECONDS: Final = 230.0
"""App Service's own limit for an answer (`troubleshoot-performance-degradation`, azure-docs)."""

REUSE_SECONDS: Final = 1.0
"""Shorter than gunicorn's own two seconds: a connection is never reused while it is closing."""

PAUSE_SECONDS: Final = 0.02
CONNECTS: Final = 50
_ADDED_BY_CLIENT: Final = (
    hdrs.ACCEPT,
    hdrs.ACCEPT_ENCODING,
    hdrs.CONTENT_TYPE,
    hdrs.USER_AGENT,
)
_ABSOLUTE: Final = re.compile(r"(?i)^https?://[^/?#]*")

DEFAULT_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Microsoft Azure App Service - Welcome</title></head>
<body><h1>Your web app is running and waiting for your content</h1></body></html>
"""
ERROR_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Application Error</title></head>
<body><h1>:( Application Error</h1><p>If you are the application administrator, you can access
the diagnostic resources.</p></body></html>
"""
FORBIDDEN_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Web App - Unavailable</title></head>
<body><h1>Error 403 - Forbidden</h1></body></html>
"""
STOPPED_PAGE: Final = """<!DOCTYPE html>
<html lang="en"><head><title>Web App - Unavailable</title></head>
<body><h1>Error 403 - This web app is stopped.</h1></body></html>
"""


class FrontEnd:
    """Lives on the loopback's loop, with one pool of connections to the running app."""

    def __init__(self, site: Site, loopback: Loopback, lab_token: str) -> None:
        self._site = site
        self._token = lab_token
        self._session: aiohttp.ClientSession | None = None
        # A server that ends waits for connections that are kept alive: gunicorn two seconds.
        site.before_end = lambda: loopback.call(self._close())

    def application(self) -> web.Application:
        """The site behind a port of its own: as if each request came by https to its host name."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/{path:.*}", self.handle_direct)
        app.on_cleanup.append(self._clean_up)
        return app

    async def handle_direct(self, request: web.Request) -> web.StreamResponse:
        """Through the site's own port; only here may the lab's sender name a client."""
        return await self.handle(request, scheme="https", host=self._site.settings.host_name)

    async def handle(
        self, request: web.Request, *, scheme: str, host: str | None = None
    ) -> web.StreamResponse:
        """Answers and logs; the row is there before the client sees the answer."""
        started = time.perf_counter()
        target = _ABSOLUTE.sub("", _decodable(request.raw_path)) or "/"
        peer = request.transport.get_extra_info("peername") if request.transport else None
        try:
            client = client_of(request.headers, (peer or (HOST, 0))[:2], self._token)
        except ClientError as error:
            return web.Response(status=400, text=f"{error}\n")
        headers = request_headers(
            request.headers,
            client,
            host=self._site.settings.host_name,
            target=target,
            scheme=scheme,
        )
        if host is not None:
            at_host_name(headers, request.host, host)
        if self._lets_pass(request, client.address):
            body, response = await self._answer(request, target, headers, scheme)
            if host is not None:
                _back_to_the_door(response, host)
        else:
            body, response = b"", _page(403, FORBIDDEN_PAGE)
        http_log.record(
            self._site.log,
            request,
            response,
            target=target,
            address=client.address,
            host=host or request.host,
            port="443" if scheme == "https" else "80",
            sizes=(len(body), len(response.body) if isinstance(response.body, bytes) else 0),
            seconds=time.perf_counter() - started,
        )
        return response

    def _lets_pass(self, request: web.Request, address: str) -> bool:
        """Whether the access restrictions allow it; each rule that matches is logged.

        UNCONFIRMED: the texts of Result and Details, and whether a refused request is in the HTTP
        log too (here it is, as 403).
        """
        allowed, rule = self._site.restrictions.verdict(address)
        if rule is not None:
            self._site.log.add(
                "AppServiceIPSecAuditLogs",
                CIp=address,
                CsHost=request.host,
                Details=rule.name,
                Result="Allowed" if allowed else "Denied",
                XForwardedFor=request.headers.get("X-Forwarded-For", ""),
                XForwardedHost=request.headers.get("X-Forwarded-Host", ""),
            )
        return allowed

    async def _answer(
        self, request: web.Request, target: str, headers: CIMultiDict[str], scheme: str
    ) -> tuple[bytes, web.Response]:
        """The body that came and the response to it."""
        settings = self._site.settings
        if not settings.enabled:
            return b"", _page(403, STOPPED_PAGE)
        if scheme == "http" and settings.https_only:
            location = f"https://{request.host}{target}"
            return b"", web.Response(status=301, headers={hdrs.LOCATION: location})
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge as refusal:
            return b"", web.Response(status=413, text=refusal.text)
        return body, await self._from_app(request.method, target, headers, body)

    async def _from_app(
        self, method: str, target: str, headers: CIMultiDict[str], body: bytes
    ) -> web.Response:
        """Waits while the app starts or restarts, as App Service does; nothing is sent twice."""
        for _ in range(CONNECTS):
            while self._site.state is State.STARTING:
                await asyncio.sleep(PAUSE_SECONDS)
            if self._site.state is State.EMPTY:
                return _page(200, DEFAULT_PAGE)
            port = self._site.port
            if port is None:
                return _page(503, ERROR_PAGE)
            try:
                return await self._forward(method, port, target, headers, body)
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(PAUSE_SECONDS)  # it has just died; that will be noticed
        return _page(503, ERROR_PAGE)

    async def _forward(
        self, method: str, port: int, target: str, headers: CIMultiDict[str], body: bytes
    ) -> web.Response:
        # A fragment never travels; yarl would cut it off, so a client's raw "#" goes as "%23".
        url = URL(f"http://{HOST}:{port}{target.replace('#', '%23')}", encoded=True)
        passage = _Passage()
        try:
            async with self._client().request(
                method,
                url,
                headers=headers,
                data=body or None,
                allow_redirects=False,
                trace_request_ctx=passage,
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientConnectorError:
            # aiohttp itself tries a broken GET once more: what was sent before has had its chance.
            if not passage.sent:
                raise
            return web.Response(status=502, text="502 - Web server received an invalid response\n")
        except TimeoutError:
            return web.Response(status=504, text="504.0 GatewayTimeout\n")
        except (aiohttp.ClientError, OSError, ValueError):
            return web.Response(status=502, text="502 - Web server received an invalid response\n")
        kept = response_headers(answer.headers)
        if method != "HEAD":
            kept.popall(hdrs.CONTENT_LENGTH, None)
        return web.Response(
            status=answer.status, reason=answer.reason, headers=kept, body=content or None
        )

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=REUSE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
                skip_auto_headers=_ADDED_BY_CLIENT,
                auto_decompress=False,
                trace_configs=[_watched()],
            )
        return self._session

    async def _clean_up(self, _app: web.Application) -> None:
        await self._close()

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _decodable(path: str) -> str:
    """Raw bytes outside ASCII are percent-encoded, as HTTP wants them."""
    raw = path.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if 32 < byte < 127 else f"%{byte:02X}" for byte in raw)


def _back_to_the_door(response: web.Response, host: str) -> None:
    """An absolute redirection to the site itself, for a client that does not know its name."""
    location = response.headers.get(hdrs.LOCATION, "")
    if location.startswith(f"https://{host}/"):
        response.headers[hdrs.LOCATION] = location.removeprefix(f"https://{host}")


def _page(status: int, html: str) -> web.Response:
    return web.Response(status=status, text=html, content_type="text/html")


@dataclass
class _Passage:
    """Whether a request has reached the app at all."""

    sent: bool = False


def _watched() -> aiohttp.TraceConfig:
    async def sent(_session: object, context: Any, _headers: object) -> None:
        context.trace_request_ctx.sent = True

    watched = aiohttp.TraceConfig()
    watched.on_request_headers_sent.append(sent)
    return watched
