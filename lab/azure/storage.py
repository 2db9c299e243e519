"""Microsoft.Storage: accounts, which hold nothing here."""

from typing import Final

from lab.azure.core.billing import Metered
from lab.azure.core.name_rule import NameRule
from lab.azure.core.resource import RecordedType, ResourceType
from lab.azure.core.resource_id import ArmPath


class StorageAccount(RecordedType):
    """Files, tables and queues; its price depends on what is in it."""

    pulumi_type = "azure-native:storage:StorageAccount"
    path = ArmPath("Microsoft.Storage/storageAccounts", ("accountName",))
    private_link = ("blob", "dfs", "file", "queue", "table", "web")
    billing = Metered(("storage",))
    has_world_name = True
    name_rule = NameRule(3, 24, r"[a-z0-9]+", "lower-case letters and digits")


TYPES: Final[list[type[ResourceType]]] = [StorageAccount]
