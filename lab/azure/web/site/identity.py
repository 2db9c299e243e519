"""The managed-identity door: hands out tokens that only this run's doors accept."""

import hmac
import secrets
import time
from typing import Final

from aiohttp import web

PATH: Final = "/msi/token"
HEADER: Final = "X-IDENTITY-HEADER"
API_VERSION: Final = "2019-08-01"
LIFETIME_SECONDS: Final = 24 * 3600

KUDU_RESOURCES: Final = frozenset(
    {
        "https://management.azure.com",
        "https://management.core.windows.net",
        "https://appservice.azure.com",
    }
)
"""Audiences that Kudu takes; the CLI sends the first (Azure/azure-cli, appservice)."""

MANAGEMENT_RESOURCES: Final = KUDU_RESOURCES - {"https://appservice.azure.com"}


class TokenDoor:
    """Speaks App Service's protocol (`overview-managed-identity`, azure-docs), in real time."""

    def __init__(self) -> None:
        self.header = secrets.token_urlsafe(24)
        self.error = ""
        """What Entra answers instead of a token, if anything."""
        self._resources: dict[str, str] = {}

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get(PATH, self._give)
        return app

    def opens_kudu(self, token: str) -> bool:
        """Whether the token was given here and for a resource that Kudu is part of."""
        return self._resources.get(token) in KUDU_RESOURCES

    def opens_management(self, token: str) -> bool:
        """Whether it is for the resource manager."""
        return self._resources.get(token) in MANAGEMENT_RESOURCES

    async def _give(self, request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self.header.encode()):
            return _refusal(401, f"the header {HEADER} is missing or wrong")
        if request.query.get("api-version") != API_VERSION:
            return _refusal(400, f"api-version is not supported; {API_VERSION} is expected")
        resource = request.query.get("resource", "").rstrip("/")
        if not resource:
            return _refusal(400, "resource is missing; the audience of the token is expected")
        if self.error:
            return _refusal(400, self.error)
        token = f"lab.{secrets.token_urlsafe(32)}"
        self._resources[token] = resource
        return web.json_response(
            {
                "access_token": token,
                "expires_on": str(int(time.time()) + LIFETIME_SECONDS),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": request.query.get("client_id", ""),
            }
        )


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": message}, status=status)
