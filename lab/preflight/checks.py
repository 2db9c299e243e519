"""The questions, one function each; they go on when one of them is not answered."""

import fnmatch
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from lab.preflight.arm_client import ArmClient, ArmError
from lab.preflight.finding import Finding
from lab.preflight.needs import Needs

RESERVED: Final = ("example.com", "example.org", "example.net", "example", "invalid", "test")
"""Domains that nobody can have, RFC 2606: a mail there reaches nobody, and no error tells."""

_POSTGRES: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
_PLAN: Final = "Microsoft.Web/serverfarms"

Check = Callable[[ArmClient, Needs], Iterator[Finding]]


def run(client: ArmClient, needs: Needs) -> Iterator[Finding]:
    """Every finding, in the order in which `pulumi up` would meet them."""
    for name, check in CHECKS.items():
        try:
            yield from check(client, needs)
        except ArmError as error:
            yield Finding(name, "unknown", str(error), "ask somebody who may read it")


def subscription(client: ArmClient, _: Needs) -> Iterator[Finding]:
    """Signed in, and the subscription takes new resources ("Subscription states", Microsoft)."""
    try:
        found = client.get("", "2022-12-01")
    except ArmError as error:
        remedy = "az login, then az account set --subscription; or set ARM_SUBSCRIPTION_ID"
        yield Finding("subscription", "failed", str(error), remedy)
        return
    state, name = str(found.get("state")), str(found.get("displayName"))
    if state == "Enabled":
        yield Finding("subscription", "ok", f"{name} is enabled")
    else:
        said = f"{name} is {state}: nothing can be created in it"
        yield Finding("subscription", "failed", said, "have it enabled, or choose another one")


def rights(client: ArmClient, needs: Needs) -> Iterator[Finding]:
    """Effective permissions at the subscription: the group is made by the program, inside it.

    "Permissions - List For Resource Group" documents the answer's form; that the same path answers
    at the subscription is what Microsoft's older page on role management shows.
    """
    held = list(client.pages("/providers/Microsoft.Authorization/permissions", "2022-04-01"))
    missing = [action for action in needs.actions if not granted(action, held)]
    if not missing:
        yield Finding("rights", "ok", f"all {len(needs.actions)} actions of this stack")
        return
    shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    only_roles = all(action.startswith("Microsoft.Authorization/") for action in missing)
    role = "Role Based Access Control Administrator" if only_roles else "Contributor"
    remedy = (
        f"az role assignment create --role '{role}' --scope"
        f" /subscriptions/{client.subscription} --assignee <you>"
    )
    yield Finding("rights", "failed", f"not allowed: {shown}", remedy)


def granted(action: str, held: Iterable[dict[str, Any]]) -> bool:
    """Whether some role allows an action; patterns are compared whatever their case."""
    return any(
        _matches(action, role.get("actions")) and not _matches(action, role.get("notActions"))
        for role in held
    )


def providers(client: ArmClient, needs: Needs) -> Iterator[Finding]:
    """Registered, all that the chosen options need.

    Pulumi registers some by itself; a diagnostic setting does not wait for it
    (pulumi-azure-native #3479).
    """
    states = _providers(client)
    absent = [
        name
        for name in needs.namespaces
        if states.get(name.lower(), {}).get("registrationState") != "Registered"
    ]
    if absent:
        remedy = "; ".join(f"az provider register --wait -n {name}" for name in absent)
        said = f"not registered: {', '.join(absent)}"
        yield Finding("resource providers", "failed", said, remedy)
    else:
        yield Finding("resource providers", "ok", f"all {len(needs.namespaces)} are registered")


def regions(client: ArmClient, needs: Needs) -> Iterator[Finding]:
    """Whether each resource type is offered where the stack wants it."""
    states, found = _providers(client), False
    for kind, wanted in needs.types.items():
        namespace, _, own = kind.partition("/")
        for entry in states.get(namespace.lower(), {}).get("resourceTypes") or ():
            offered = {_plain(place) for place in entry.get("locations") or ()}
            if str(entry.get("resourceType")).lower() != own.lower() or not offered:
                continue
            for region in sorted(wanted):
                if _plain(region) not in offered:
                    found = True
                    said = f"{kind} is not offered in {region}"
                    yield Finding("regions", "failed", said, "pulumi config set location <region>")
    if not found:
        listed = sorted({region for wanted in needs.types.values() for region in wanted})
        yield Finding("regions", "ok", f"every type is offered in {', '.join(listed)}")


def database(client: ArmClient, needs: Needs) -> Iterator[Finding]:
    """Regions are closed to many subscriptions for PostgreSQL: capabilities say `restricted`."""
    for region in sorted(needs.types.get(_POSTGRES, ())):
        path = f"/providers/Microsoft.DBforPostgreSQL/locations/{_plain(region)}/capabilities"
        for entry in client.pages(path, "2024-08-01"):
            if str(entry.get("restricted")) == "Enabled":
                reason = entry.get("reason") or "no reason given"
                said = f"PostgreSQL is closed to this subscription in {region} ({reason})"
                yield Finding("database", "failed", said, "choose another location, or ask support")
                return
        yield Finding("database", "ok", f"PostgreSQL can be created in {region}")


def plan(_: ArmClient, needs: Needs) -> Iterator[Finding]:
    """App Service tells its quota only when a plan is made (Azure/azure-cli #31665)."""
    if _PLAN in needs.types:
        said = "Azure does not tell the quota of App Service plans before one is made"
        remedy = "portal, Quotas, App Service: the limit of the plan's size must be above 0"
        yield Finding("plan quota", "unknown", said, remedy)


def receivers(_: ArmClient, needs: Needs) -> Iterator[Finding]:
    """Somebody has to get the mail."""
    if not needs.receivers:
        yield Finding("receivers", "warning", "no alert goes to a mail address", "set alertEmails")
        return
    nobody = [address for address in needs.receivers if _is_reserved(address)]
    if nobody:
        remedy = "pulumi config set --path 'alertEmails[0]' <address>"
        yield Finding("receivers", "failed", f"nobody reads {', '.join(nobody)}", remedy)
    else:
        said = f"{len(needs.receivers)} addresses; each confirms the mail that Azure sends it once"
        yield Finding("receivers", "ok", said)


CHECKS: Final[dict[str, Check]] = {
    "subscription": subscription,
    "rights": rights,
    "resource providers": providers,
    "regions": regions,
    "database": database,
    "plan quota": plan,
    "receivers": receivers,
}


def _providers(client: ArmClient) -> dict[str, dict[str, Any]]:
    """By namespace in lower case."""
    found = client.pages("/providers", "2021-04-01")
    return {str(entry["namespace"]).lower(): entry for entry in found}


def _matches(action: str, patterns: Iterable[str] | None) -> bool:
    return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns or ())


def _plain(region: str) -> str:
    """`westeurope` for `West Europe`."""
    return region.lower().replace(" ", "")


def _is_reserved(address: str) -> bool:
    domain = address.rpartition("@")[2].lower()
    return any(domain == name or domain.endswith(f".{name}") for name in RESERVED)
