"""The ids of Azure's resources, as far as they say what kind of resource is meant. Pure."""

import re
from typing import Final

_GROUP: Final = r"/subscriptions/[^/]+/resourceGroups/[^/]+"
_RESOURCE: Final = re.compile(rf"(?i){_GROUP}/providers/([^/]+)((?:/[^/]+/[^/]+)+)")


def type_of(resource_id: str) -> str:
    """`Microsoft.Web/sites`, as the id spells it; '' for what is no id of a resource."""
    match = _RESOURCE.fullmatch(resource_id.rstrip("/"))
    if match is None:
        return ""
    return "/".join([match[1], *match[2].split("/")[1::2]])


def not_of_type(resource_id: str, wanted: str) -> str:
    """What is wrong with an id that is to name a resource of a type, and what is expected; ''."""
    found = type_of(resource_id)
    if found.lower() == wanted.lower():
        return ""
    kind = f"names a resource of {found}" if found else "is no id of a resource"
    return f"{kind}; expected /subscriptions/<id>/resourceGroups/<group>/providers/{wanted}/<name>"
