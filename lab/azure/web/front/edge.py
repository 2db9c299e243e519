"""Leads the real host names of App Service to the lab, for programs that know nothing of it."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import web

from lab.azure.core.certificate import Authority
from lab.azure.core.subscription import Subscription
from lab.azure.web.front.front_end import FrontEnd
from lab.azure.web.front.kudu import PACKAGE_LIMIT, Kudu
from lab.azure.web.front.site_management import HOST as MANAGEMENT
from lab.azure.web.front.site_management import SiteManagement
from lab.azure.web.site.identity import PATH, TokenDoor
from lab.azure.web.site.site import Site
from lab.azure.web.site.site_settings import HOST_SUFFIX, SCM_SUFFIX
from lab.host.loopback import HOST

HEAD_LIMIT: Final = 64 * 1024
CHUNK: Final = 1 << 16
_CONNECT: Final = re.compile(rb"CONNECT ([^\s:/]+):(\d+) HTTP/1\.[01]\r\n", re.IGNORECASE)
_PLAIN: Final = re.compile(rb"[A-Z]+ http://([^\s:/?#]+)(?::80)?(?:[/?#]\S*)? HTTP/1\.[01]\r\n")
_ALLOWED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"

Doors = Callable[[str], tuple[FrontEnd, Kudu] | None]


class Edge:
    """A proxy, a TLS listener, a plain one and the token door, all on loopback."""

    def __init__(
        self,
        azure: Subscription,
        folder: Path,
        doors: Doors,
        site: Callable[[str], Site | None],
    ) -> None:
        loopback = azure.loopback
        folder.mkdir(parents=True, exist_ok=True)
        self.tokens = TokenDoor()
        self.more: dict[str, str] = {}
        """What else the stack's own commands find in their environment."""
        self._doors = doors
        self.management = SiteManagement(azure, site, self.tokens.opens_management)
        self._authority = Authority(folder / "ca.pem")
        context = self._authority.context([f"*{HOST_SUFFIX}", f"*{SCM_SUFFIX}", MANAGEMENT])
        self._ports = {
            443: loopback.serve(self._application("https"), ssl=context),
            80: loopback.serve(self._application("http")),
        }
        self._token_port = loopback.serve(self.tokens.application())
        self.proxy_port = loopback.listen(self._proxy)

    def environment(self) -> dict[str, str]:
        """What a child process needs to find the lab where Azure would be; holds a secret."""
        proxy = f"http://{HOST}:{self.proxy_port}"
        return {
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "https_proxy": proxy,
            "http_proxy": proxy,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(self._authority.path.resolve()),
            "SSL_CERT_FILE": str(self._authority.path.resolve()),
            "IDENTITY_ENDPOINT": f"http://{HOST}:{self._token_port}{PATH}",
            "IDENTITY_HEADER": self.tokens.header,
            "ARM_USE_MSI": "true",
            **self.more,
        }

    def _application(self, scheme: str) -> web.Application:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._dispatch(request, scheme)

        app = web.Application(client_max_size=PACKAGE_LIMIT)
        app.router.add_route("*", "/{path:.*}", handle)
        return app

    async def _dispatch(self, request: web.Request, scheme: str) -> web.StreamResponse:
        host = request.host.partition(":")[0].lower()
        if host == MANAGEMENT:
            return await self.management.handle(request)
        doors = self._doors(_site_name(host))
        if doors is None:
            return web.Response(status=404, text="404 Web Site not found.\n")
        front_end, kudu = doors
        if not host.endswith(SCM_SUFFIX):
            return await front_end.handle(request, scheme=scheme)
        if scheme == "http":
            return web.HTTPMovedPermanently(f"https://{host}{request.raw_path}")
        return await kudu.handle(request)

    async def _proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            writer.close()
            return
        try:
            port, first = self._destination(head)
            if port is None:
                writer.write(first)
                await writer.drain()
                return
            await self._tunnel(reader, writer, port, first)
        except (OSError, asyncio.CancelledError):
            return  # the client is gone, or the lab is closing
        finally:
            writer.close()

    def _destination(self, head: bytes) -> tuple[int | None, bytes]:
        """The lab's port and, for CONNECT, nothing else; without a port: the refusal."""
        if match := _CONNECT.match(head):
            host, port = match[1].decode("ascii", "replace").lower(), int(match[2])
            is_ours = host.endswith(HOST_SUFFIX) or (host, port) == (MANAGEMENT, 443)
            if is_ours and port in self._ports:
                return self._ports[port], b""
        elif match := _PLAIN.match(head):
            host = match[1].decode("ascii", "replace").lower()
            if host.endswith(HOST_SUFFIX):
                return self._ports[80], head
        else:
            host = "this request"
        known = f"*{HOST_SUFFIX} and {MANAGEMENT}"
        text = f"{host} is not led anywhere; the lab stands in for {known}\n".encode()
        return None, (
            b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text)
        )

    async def _tunnel(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, first: bytes
    ) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(HOST, port)
        try:
            if first:
                inner_writer.write(first)
            else:
                writer.write(_ALLOWED)
            await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        finally:
            inner_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def _site_name(host: str) -> str:
    return host.removesuffix(SCM_SUFFIX).removesuffix(HOST_SUFFIX)
