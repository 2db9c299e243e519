"""Microsoft.Insights/workbooks: kept, not shown; what Azure would refuse to keep is refused."""

import json
from typing import Any, Final

from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free
from lab.azure.core.name_rule import GUID_NAME
from lab.azure.core.resource import ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath

_ITEMS: Final = {1: "text", 3: "query", 9: "parameters", 10: "metrics", 11: "links", 12: "group"}


class Workbook(ResourceType):
    """Its JSON is checked and kept; the lab draws no workbook."""

    pulumi_type = "azure-native:applicationinsights:Workbook"
    path = ArmPath("Microsoft.Insights/workbooks", ("resourceName",))
    name_rule = GUID_NAME
    billing = Free("is free")

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Azure/bicep-types-az, workbooks 2023-06-01, and workbook.json of Azure's own workbooks.

        UNCONFIRMED: whether ARM reads the JSON at all or the portal fails on it later; either way
        nobody wants such a workbook.
        """
        found = []
        if inputs.get("kind") not in (None, "shared"):
            found.append(refused("kind", inputs["kind"], "expected shared"))
        source = inputs.get("sourceId")
        if source is not None and source != source.lower():
            found.append(refused("sourceId", source, "expected a resource id in lower case"))
        if not str(inputs.get("displayName", "")).strip():
            found.append(refused("displayName", inputs.get("displayName"), "expected a text"))
        return [*found, *_content_problems(inputs)]


def _content_problems(inputs: dict[str, Any]) -> list[Refusal]:
    where = "serializedData"
    try:
        content = json.loads(inputs[where])
    except ValueError:
        return [refused(where, inputs[where], "expected a JSON text", "is not JSON")]
    if not isinstance(content, dict) or not isinstance(content.get("items"), list):
        return [refused(where, inputs[where], "expected an object with version and items")]
    version, declared = content.get("version"), inputs.get("version")
    if declared is not None and declared != version:
        return [refused("version", declared, f"expected {version!r}, as serializedData says")]
    return [
        problem
        for number, item in enumerate(content["items"])
        for problem in _item_problems(f"{where}.items[{number}]", item)
    ]


def _item_problems(where: str, item: Any) -> list[Refusal]:
    if not isinstance(item, dict) or item.get("type") not in _ITEMS:
        kinds = ", ".join(f"{number} ({words})" for number, words in _ITEMS.items())
        kind = item.get("type") if isinstance(item, dict) else item
        return [refused(f"{where}.type", kind, f"expected one of {kinds}")]
    if not isinstance(item.get("content"), dict):
        return [refused(f"{where}.content", ABSENT, "expected an object", "is missing")]
    return []


TYPES: Final[list[type[ResourceType]]] = [Workbook]
