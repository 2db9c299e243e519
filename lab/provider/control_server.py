"""The way to a lab's Azure for other processes: JSON over HTTP, for whoever has the token."""

import asyncio
import hmac
import os
import secrets
import threading
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from lab.azure import Azure
from lab.azure.core.resource_error import ResourceError
from lab.azure.web.app_service import AppService
from lab.azure.web.site.site import SiteError
from lab.host.closing import Closing
from lab.host.loopback import Loopback
from lab.provider.answers import ProviderAnswers
from lab.provider.control_file import ControlFile
from lab.provider.plugin import DOWNLOADS, archive

MAX_BYTES: Final = 64 * 1024 * 1024
Answer = Callable[[dict[str, Any]], Any]


class ControlServer(Closing):
    """Open from its making until `close`; the file says where. `more` adds answers by path.

    Whoever drives the clock of this Azure does it with `turn` held.
    """

    def __init__(self, azure: Azure, file: Path, more: Mapping[str, Answer] | None = None) -> None:
        self.turn = threading.RLock()
        self.file = file
        self._azure = azure
        self._provider = ProviderAnswers(azure, self.turn)
        self._more: dict[str, Answer] = {"change": self._change, "delete": self._delete}
        self._more |= more or {}
        if azure.run_apps:
            azure.service(AppService)  # before two threads need it at the same time
        self._token = secrets.token_urlsafe(32)
        app = web.Application(client_max_size=MAX_BYTES)
        app.router.add_post("/provider/{method}", self._ask_provider)
        app.router.add_post("/{path}", self._ask_more)
        app.router.add_get(DOWNLOADS + "/{file}", self._give_plugin)
        self._loopback = Loopback()
        port = self._loopback.serve(app)
        ControlFile(port, self._token, os.getpid()).write(file)

    @property
    def refused(self) -> list[str]:
        """What providers refused, in the words of the in-process engine."""
        return self._provider.refused

    def close(self) -> None:
        """Nobody gets in afterwards. Twice is fine."""
        self.file.unlink(missing_ok=True)
        self._loopback.close()

    async def _ask_provider(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        return await self._answer(request, lambda asked: self._provider.answer(method, asked))

    async def _ask_more(self, request: web.Request) -> web.Response:
        found = self._more.get(request.match_info["path"])
        if found is None:
            return web.Response(status=404, text=f"{request.path} is no path of the lab")
        return await self._answer(request, found)

    async def _give_plugin(self, request: web.Request) -> web.Response:
        """For anybody: the CLI's download knows no token, and the plugin needs one by itself."""
        packed = archive(request.match_info["file"])
        if packed is None:
            return web.Response(status=404, text="the lab stands in for no such provider")
        return web.Response(body=packed, content_type="application/octet-stream")

    async def _answer(self, request: web.Request, answer: Answer) -> web.Response:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            return web.Response(status=401)
        asked = await request.json()
        try:
            # In a thread: answers wait for processes, and those for this loop's neighbours.
            found = await asyncio.to_thread(answer, asked)
        except (ResourceError, SiteError) as error:
            return web.Response(status=422, text=str(error))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.name}, line {where.lineno}"
            text = f"the lab failed: {type(error).__name__}: {error} ({place})"
            return web.Response(status=500, text=text)
        return web.json_response(found)

    def _change(self, request: dict[str, Any]) -> dict[str, Any]:
        """What somebody does in the portal, behind Pulumi's back: `inputs` to set, by id."""
        with self.turn:
            resource = self._azure.resources.get(str(request["id"]))
            inputs = resource.inputs | request["inputs"]
            return {"id": self._azure.resources.change(resource, inputs).id}

    def _delete(self, request: dict[str, Any]) -> dict[str, Any]:
        with self.turn:
            self._azure.resources.delete(str(request["id"]))
        return {}
