"""A web application that answers as management.azure.com does, from what stands in the lab.

It reads only. Answers have the form of Microsoft's reference ("Subscriptions - Get", "Providers -
List", "Permissions - List For Resource Group", "Location Based Capabilities"); whoever has no
bearer token gets 401, as there.
"""

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from lab.azure.core.resource_id import SUBSCRIPTION_ID
from lab.azure.core.subscription import Subscription

Role = dict[str, list[str]]
OWNER: Role = {"actions": ["*"], "notActions": []}


@dataclass
class Tenancy:
    """What a subscription is before anything is deployed; tests and rehearsals change it."""

    name: str = "Lab subscription"
    state: str = "Enabled"
    roles: list[Role] = field(default_factory=lambda: [OWNER])
    unregistered: set[str] = field(default_factory=set)
    """Namespaces of resource providers."""
    not_offered: dict[str, set[str]] = field(default_factory=dict)
    """By ARM type: regions, as `West Europe`, that do not have it."""
    closed_to_postgres: dict[str, str] = field(default_factory=dict)
    """By region, as `westeurope`: Azure's reason."""


class ManagementDoor:
    """Of one subscription; `application` is to be served on the loopback."""

    def __init__(self, azure: Subscription, tenancy: Tenancy, regions: list[str]) -> None:
        self.tenancy = tenancy
        self._azure = azure
        self._regions = regions

    def application(self) -> web.Application:
        """Every path begins with the subscription's."""
        app = web.Application(middlewares=[_signed_in])
        root = "/subscriptions/{subscription}"
        app.router.add_get(root, self._subscription)
        app.router.add_get(f"{root}/providers", self._providers)
        app.router.add_get(
            f"{root}/providers/Microsoft.Authorization/permissions", self._permissions
        )
        app.router.add_get(
            f"{root}/providers/Microsoft.DBforPostgreSQL/locations/{{region}}/capabilities",
            self._postgres,
        )
        return app

    async def _subscription(self, request: web.Request) -> web.Response:
        self._known(request)
        return web.json_response(
            {
                "id": f"/subscriptions/{SUBSCRIPTION_ID}",
                "subscriptionId": SUBSCRIPTION_ID,
                "displayName": self.tenancy.name,
                "state": self.tenancy.state,
            }
        )

    async def _providers(self, request: web.Request) -> web.Response:
        self._known(request)
        types: dict[str, list[dict[str, Any]]] = {}
        for resource in self._azure.resources.list():
            kind = str(resource.outputs.get("type", ""))
            namespace, _, own = kind.partition("/")
            absent = self.tenancy.not_offered.get(kind, set())
            entry = {
                "resourceType": own,
                "locations": [place for place in self._regions if place not in absent],
            }
            if own and entry not in types.setdefault(namespace, []):
                types[namespace].append(entry)
        return web.json_response(
            {
                "value": [
                    {
                        "namespace": namespace,
                        "registrationState": (
                            "NotRegistered"
                            if namespace in self.tenancy.unregistered
                            else "Registered"
                        ),
                        "resourceTypes": entries,
                    }
                    for namespace, entries in sorted(types.items())
                ]
            }
        )

    async def _permissions(self, request: web.Request) -> web.Response:
        """In two pages where there is more than one role: clients have to follow `nextLink`."""
        self._known(request)
        page, roles = int(request.query.get("page", "0")), self.tenancy.roles
        answer: dict[str, Any] = {"value": roles[page : page + 1]}
        if page + 1 < len(roles):
            answer["nextLink"] = str(request.url.update_query(page=str(page + 1)))
        return web.json_response(answer)

    async def _postgres(self, request: web.Request) -> web.Response:
        self._known(request)
        reason = self.tenancy.closed_to_postgres.get(request.match_info["region"])
        entry = {
            "name": "FlexibleServerCapabilities",
            "restricted": "Enabled" if reason else "Disabled",
            "reason": reason,
        }
        return web.json_response({"value": [entry]})

    def _known(self, request: web.Request) -> None:
        asked = request.match_info["subscription"]
        if asked != SUBSCRIPTION_ID:
            text = f"The subscription '{asked}' could not be found."
            raise web.HTTPNotFound(
                text=_error("SubscriptionNotFound", text), content_type="application/json"
            )


@web.middleware
async def _signed_in(request: web.Request, handler: Any) -> web.StreamResponse:
    if not request.headers.get("Authorization", "").startswith("Bearer "):
        text = _error("AuthenticationFailed", "Authentication failed. The token is missing.")
        return web.Response(status=401, text=text, content_type="application/json")
    answer: web.StreamResponse = await handler(request)
    return answer


def _error(code: str, message: str) -> str:
    return web.json_response({"error": {"code": code, "message": message}}).text or ""
