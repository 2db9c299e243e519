"""The resource manager's own address, as far as a playbook calls it: a web app's configuration.

GET and PATCH of `<site>/config/web` ("Web Apps - Get Configuration", "Update Configuration").
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.identity.authorization import RoleAssignment
from lab.azure.web import WebApp
from lab.azure.web.app_service import AppService
from lab.azure.web.site.access_restriction import AccessRestrictions, complaint

HOST: Final = "management.azure.com"
ROLES: Final = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "de139f84-1756-47ae-9be6-808fbbe84772": "Website Contributor",
}
"""Built-in roles that may read and write a site's configuration; no other is known here."""

_CONFIG: Final = "/config/web"


def answer(azure: Subscription, principal_id: str, inputs: Mapping[str, Any]) -> tuple[int, Any]:
    """Status and body for the inputs of an Http action that comes with a managed identity."""
    path = urlsplit(inputs["uri"]).path
    if not path.lower().endswith(_CONFIG) or not (inputs.get("queries") or {}).get("api-version"):
        return 404, _error("InvalidResourceType", f"{path} is not modelled")
    site_id = path[: -len(_CONFIG)]
    if not _may(azure, principal_id, site_id):
        return 403, _error("AuthorizationFailed", f"{principal_id} has no role for {site_id}")
    site = azure.resources.find(site_id)
    if site is None or site.token != WebApp.pulumi_type:
        return 404, _error("ResourceNotFound", f"{site_id} does not exist")
    config: dict[str, Any] = site.outputs.setdefault("siteConfig", {})
    if inputs["method"] == "PATCH":
        changed = {**config, **(inputs.get("body") or {}).get("properties", {})}
        refusal = complaint(changed)
        if refusal:
            return 400, _error("BadRequest", refusal)
        site.outputs["siteConfig"] = config = changed
        _apply(azure, site)
    elif inputs["method"] != "GET":
        return 405, _error("MethodNotAllowed", inputs["method"])
    return 200, {"id": f"{site.id}{_CONFIG}", "name": "web", "properties": dict(config)}


def _apply(azure: Subscription, site: "Resource") -> None:
    hosted = azure.service(AppService).site(site.name) if azure.run_apps else None
    if hosted is not None:
        hosted.site.restrictions = AccessRestrictions.of(site.outputs["siteConfig"])


def _may(azure: Subscription, principal_id: str, resource_id: str) -> bool:
    for each in azure.resources.list(RoleAssignment.pulumi_type):
        scope = f"{str(each.inputs.get('scope', '')).rstrip('/')}/".lower()
        role = str(each.inputs.get("roleDefinitionId", "")).rpartition("/")[2].lower()
        is_theirs = bool(principal_id) and each.inputs.get("principalId") == principal_id
        if is_theirs and role in ROLES and f"{resource_id}/".lower().startswith(scope):
            return True
    return False


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
