"""Tokens for an app's identities, at the door that App Service has inside each container."""

import asyncio
import hmac
import secrets
import time

from aiohttp import web

from lab.azure.core.subscription import Subscription
from lab.azure.web.site.identity import API_VERSION, HEADER, LIFETIME_SECONDS, PATH
from lab.azure.web.site.site_settings import SiteSettings
from lab.host.loopback import HOST


class SiteIdentity:
    """One site's door: no token of it opens anything of another's, nor of whoever deploys."""

    def __init__(self, azure: Subscription) -> None:
        self._azure = azure
        self._header = secrets.token_urlsafe(24)
        self._settings: SiteSettings | None = None
        self._tokens: dict[tuple[str, str], str] = {}
        self._port = 0

    def environment(self, settings: SiteSettings) -> dict[str, str]:
        """What the container needs to ask; nothing where the site has no identity."""
        self._settings = settings
        if not settings.identities and not settings.system_principal:
            return {}
        if not self._port:
            app = web.Application()
            app.router.add_get(PATH, self._give)
            self._port = self._azure.loopback.serve(app)
        return {
            "IDENTITY_ENDPOINT": f"http://{HOST}:{self._port}{PATH}",
            "IDENTITY_HEADER": self._header,
        }

    async def _give(self, request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._header.encode()):
            return _refusal(401, f"the header {HEADER} is missing or wrong")
        if request.query.get("api-version") != API_VERSION:
            return _refusal(400, f"api-version is not supported; {API_VERSION} is expected")
        resource = request.query.get("resource", "").rstrip("/")
        client = request.query.get("client_id", "")
        principal = self._principal(client)
        if not resource or not principal:
            return _refusal(400, "No User Assigned or Delegated Managed Identity found")
        token = await self._token(principal, resource)
        return web.json_response(
            {
                "access_token": token,
                "expires_on": str(int(time.time()) + LIFETIME_SECONDS),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": client,
            }
        )

    async def _token(self, principal: str, resource: str) -> str:
        """The same one again while the run lasts; databases get to know it before the app does."""
        # Azure imports this package before its own modules are complete.
        from lab.azure import dbforpostgresql

        known = self._tokens.get((principal, resource))
        if known is not None:
            return known
        token = f"lab.{secrets.token_urlsafe(32)}"
        if resource == dbforpostgresql.AUDIENCE:
            await asyncio.to_thread(dbforpostgresql.token_given, self._azure, principal, token)
        return self._tokens.setdefault((principal, resource), token)

    def _principal(self, client: str) -> str:
        """Object id of the identity with this client id; the site's own where none is named."""
        settings = self._settings
        if settings is None:
            return ""
        if not client:
            return settings.system_principal
        for identity in settings.identities:
            found = self._azure.resources.find(identity)
            if found is not None and found.outputs.get("clientId") == client:
                return str(found.outputs["principalId"])
        return ""


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": message}, status=status)
