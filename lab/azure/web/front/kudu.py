"""Kudu, the site that publishes: `<app>.scm.azurewebsites.net`, after KuduLite's OneDeploy."""

import asyncio
import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from lab.azure.core.faults import Turnstile
from lab.azure.web.front.deployment import DEPLOYER, Deployment, Status
from lab.azure.web.site import http_log
from lab.azure.web.site.site import Site

PACKAGE_LIMIT: Final = 256 * 1024 * 1024
"""Azure takes 2,048 MB (`deploy-zip`, azure-docs)."""

HOLD_SECONDS: Final = 1.0
"""How long an answer about a running deployment waits for its end: who asks again and again at ever
longer intervals is then told at once. Azure promises no time for it."""

LATEST: Final = "latest"
TRUE: Final = frozenset({"true", "1"})
OTHER_TYPES: Final = frozenset({"war", "jar", "ear", "lib", "startup", "static", "script"})


class Kudu:
    """Takes a bearer token that `accepts` knows; basic authentication when the site allows it."""

    def __init__(self, site: Site, accepts: Callable[[str], bool]) -> None:
        self.basic_allowed = True
        self.deployments: list[Deployment] = []
        self._site = site
        self._accepts = accepts
        self._active: Deployment | None = None
        self.turnstile = Turnstile(site.faults.kudu, time.monotonic)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def folder(self) -> Path:
        return self._site.folder / "deployments"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers and logs: Kudu's requests are in the app's own AppServiceHTTPLogs, too."""
        started = time.perf_counter()
        response = self._refusal(request) or await self._answer(request)
        body = response.body if isinstance(response.body, bytes) else b""
        http_log.record(
            self._site.log,
            request,
            response,
            target=request.raw_path,
            address=request.remote or "",
            host=self._site.settings.scm_host_name,
            port="443",
            sizes=(request.content_length or 0, len(body)),
            seconds=time.perf_counter() - started,
        )
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        scheme, _, secret = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() == "bearer" and self._accepts(secret.strip()):
            return None
        reason = "Unauthorized; a bearer token for https://management.azure.com is expected\n"
        if scheme.lower() == "basic":
            self._audit(request, "KUDU", _user(secret))
            reason = "basic authentication is refused: scm allow is false\n"
            if self.basic_allowed:
                reason = "publishing credentials are not modelled; use a bearer token\n"
        challenge = 'Basic realm="site"' if self.basic_allowed else "Bearer"
        return web.Response(status=401, text=reason, headers={hdrs.WWW_AUTHENTICATE: challenge})

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.path.rstrip("/")
        if path == "/api/publish" and request.method in ("POST", "PUT"):
            self._audit(request, "AAD")
            return await self._publish(request)
        if path == "/api/deployments" and request.method == "GET":
            listed = [self._result(one) for one in reversed(self.deployments)]
            return web.json_response(listed)
        if path.startswith("/api/deployments/") and request.method == "GET":
            return await self._deployment(request, path.split("/")[3:])
        return web.Response(status=404, text=f"No route registered for '{request.path}'\n")

    async def _publish(self, request: web.Request) -> web.Response:
        wanted = request.query.get("type", "")
        if wanted.lower() in OTHER_TYPES:
            return web.Response(status=400, text=f"type='{wanted}' is not modelled; zip is\n")
        if wanted.lower() != "zip":
            return web.Response(status=400, text=f"type='{wanted}' not recognized")
        if refusal := self.turnstile.refusal():
            headers = {"Retry-After": f"{refusal.retry_after_s:g}"}
            return web.Response(status=refusal.status, text="try again later\n", headers=headers)
        if any(one.pending for one in self.deployments):
            text = "There is a deployment currently in progress. Please try again when it completes"
            return web.Response(status=409, text=text)
        try:
            content = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413, text="the package is too large\n")
        deployment = Deployment(self._site, self.folder, content)
        self.deployments.append(deployment)
        task = asyncio.create_task(self._carry_out(deployment))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        tracked = request.query.get("trackDeploymentProgress", "").lower() in TRUE
        headers = {"SCM-DEPLOYMENT-ID": deployment.id} if tracked else {}
        if request.query.get("async", "").lower() in TRUE:
            stamp = deployment.received.strftime("%Y-%m-%d_%H-%M-%SZ")
            query = f"deployer={DEPLOYER}&time={stamp}"
            headers[hdrs.LOCATION] = f"{self._base}/api/deployments/{LATEST}?{query}"
            return web.Response(status=202, headers=headers)
        await asyncio.shield(task)
        if deployment.status is Status.SUCCESS:
            return web.Response(status=200, headers=headers)
        return web.Response(status=400, text=f"{deployment.status_text}\n", headers=headers)

    async def _carry_out(self, deployment: Deployment) -> None:
        await asyncio.to_thread(deployment.carry_out)
        if deployment.status is Status.SUCCESS:
            self._active = deployment

    async def _deployment(self, request: web.Request, parts: list[str]) -> web.Response:
        found = self._find(parts[0])
        if found is None:
            return web.Response(status=404, text=f"Deployment '{parts[0]}' not found.")
        if parts[1:] == ["log"]:
            return web.json_response(found.log())
        if parts[1:]:
            return web.Response(status=404, text=f"No route registered for '{request.path}'\n")
        if found.pending and self._tasks:
            await asyncio.wait(self._tasks, timeout=HOLD_SECONDS)
        result = self._result(found)
        if parts[0] == LATEST and found.pending:
            return web.json_response(result, status=202, headers={hdrs.LOCATION: str(request.url)})
        return web.json_response(result)

    def _find(self, name: str) -> Deployment | None:
        named = [one for one in self.deployments if name in (LATEST, one.id)]
        return named[-1] if named else None

    def _result(self, deployment: Deployment) -> dict[str, object]:
        return deployment.result(self._base, active=deployment is self._active)

    def _audit(self, request: web.Request, protocol: str, user: str = "") -> None:
        """Entra's sign-ins are AAD, those with publishing credentials KUDU ("About the
        Authorization Events in AppServiceAuditLogs", Apps on Azure Blog).
        """
        self._site.log.add(
            "AppServiceAuditLogs",
            Category="AppServiceAuditLogs",
            OperationName="Authorization",
            User=user,
            UserDisplayName=user,
            UserAddress=request.remote or "",
            Protocol=protocol,
        )

    @property
    def _base(self) -> str:
        return f"https://{self._site.settings.scm_host_name}"


def _user(credentials: str) -> str:
    """The name of a basic authentication, without its password; '' where it is none."""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""
