"""Microsoft.Authorization: who deploys."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from lab.azure.resource_id import SUBSCRIPTION_ID

if TYPE_CHECKING:
    from lab.azure import Azure
    from lab.azure.arm import Invoke

TENANT_ID: Final = "00000000-0000-0000-0000-000000000001"
CLIENT_ID: Final = "00000000-0000-0000-0000-000000000002"
OBJECT_ID: Final = "00000000-0000-0000-0000-000000000003"


def get_client_config(azure: "Azure", arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The same made-up identity in every run."""
    return {
        "clientId": CLIENT_ID,
        "objectId": OBJECT_ID,
        "subscriptionId": SUBSCRIPTION_ID,
        "tenantId": TENANT_ID,
    }


def get_client_token(azure: "Azure", arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A token that opens nothing outside of this run."""
    return {"token": azure.resources.digest("client token", str(arguments.get("endpoint", "")))}


INVOKES: Final[dict[str, "Invoke"]] = {
    "azure-native:authorization:getClientConfig": get_client_config,
    "azure-native:authorization:getClientToken": get_client_token,
}
