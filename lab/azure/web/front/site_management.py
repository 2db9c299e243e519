"""management.azure.com, as far as whoever publishes a site asks it: about references to secrets.

"Use Key Vault references as app settings" (references, and how they are resolved anew), "Web Apps -
Get App Settings Key Vault References", "Web Apps - Restart".
"""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web

from lab.azure.core.faults import Faults, Turnstile
from lab.azure.core.subscription import Subscription
from lab.azure.web.site.site import Site, SiteError
from lab.azure.web.site.vault_references import is_reference

HOST: Final = "management.azure.com"
REFERENCES: Final = "/config/configreferences/appsettings"
_SITE: Final = re.compile(
    r"(?P<id>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Web/sites/(?P<name>[^/]+))"
    r"(?P<rest>/.*)?",
    re.IGNORECASE,
)


class SiteManagement:
    """Of one subscription's sites; takes a bearer token that `accepts` knows."""

    def __init__(
        self,
        azure: Subscription,
        site: Callable[[str], Site | None],
        accepts: Callable[[str], bool],
    ) -> None:
        self._site = site
        self._accepts = accepts
        self.turnstile = Turnstile(azure.service(Faults).management, time.monotonic)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One question; every refusal has Azure's form."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._accepts(token.strip()):
            return _refusal(401, "AuthenticationFailed", "a token for this address is expected")
        if refusal := self.turnstile.refusal():
            headers = {"Retry-After": f"{refusal.retry_after_s:g}"}
            return _refusal(refusal.status, "TooManyRequests", "try again later", headers)
        if not request.query.get("api-version"):
            return _refusal(400, "MissingApiVersionParameter", "api-version is expected")
        found = _SITE.fullmatch(request.path)
        site = self._site(found["name"]) if found else None
        if (
            found is None
            or site is None
            or site.settings.resource_id.lower() != found["id"].lower()
        ):
            return _refusal(404, "ResourceNotFound", f"{request.path} was not found")
        return await self._of(site, request.method, (found["rest"] or "").lower().rstrip("/"))

    async def _of(self, site: Site, method: str, path: str) -> web.Response:
        if (method, path) == ("GET", REFERENCES):
            return web.json_response({"value": _told(site), "nextLink": None})
        if (method, path) == ("POST", f"{REFERENCES}/refresh"):
            site.refresh_references()
            return web.json_response({"value": _told(site), "nextLink": None})
        if (method, path) == ("POST", "/restart"):
            await asyncio.to_thread(_restarted, site)
            return web.Response(status=200)
        return _refusal(404, "NotFound", f"{method} {path} is not modelled")


def _restarted(site: Site) -> None:
    try:
        site.restart()
    except SiteError:
        return  # Azure does not wait whether it comes up


def _told(site: Site) -> list[dict[str, Any]]:
    """One entry a reference, with Azure's word for what became of it."""
    return [
        {
            "name": name,
            "properties": {
                "reference": value,
                "status": site.unresolved.get(name, "Resolved"),
                "source": "KeyVault",
            },
        }
        for name, value in sorted(site.settings.app_settings.items())
        if is_reference(value)
    ]


def _refusal(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> web.Response:
    body = {"error": {"code": code, "message": message}}
    return web.json_response(body, status=status, headers=headers)
