"""Microsoft.OperationalInsights: workspaces with their log tables, and saved searches."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from components.content.kql_function import KqlFunction
from components.limits.refusal import ABSENT, Refusal
from components.limits.workspace import CAPACITY_LEVELS, RETENTION_DAYS, SKUS
from lab.azure.core.billing import Free, Metered
from lab.azure.core.name_rule import HYPHENS, NameRule
from lab.azure.core.resource import RecordedType, Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath
from lab.logs.log_tables import LogTables

__all__ = ["TYPES", "LogTables", "SavedSearch", "Workspace"]


class Workspace(ResourceType):
    """A Log Analytics workspace; its tables are kept in the run's state folder."""

    pulumi_type = "azure-native:operationalinsights:Workspace"
    path = ArmPath("Microsoft.OperationalInsights/workspaces", ("workspaceName",))
    name_rule = NameRule(4, 63, r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", HYPHENS)
    billing = Metered(("log_ingestion", "log_retention"))

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Retention as the price tier allows, -1 or more for the daily cap, an open tier."""
        found = []
        days = inputs.get("retentionInDays")
        if days is not None and days not in RETENTION_DAYS:
            expectation = f"expected {RETENTION_DAYS.start} to {RETENTION_DAYS.stop - 1}"
            found.append(refused("retentionInDays", days, expectation))
        cap = (inputs.get("workspaceCapping") or {}).get("dailyQuotaGb")
        if isinstance(cap, int | float) and cap != -1 and cap <= 0:
            expectation = "expected -1 (no cap) or more than 0"
            found.append(refused("workspaceCapping.dailyQuotaGb", cap, expectation))
        return [*found, *_sku_problems(inputs.get("sku") or {})]

    def create(self, resource: Resource) -> None:
        """The customer id is made from the resource's id, so that a run can be repeated."""
        self.azure.state_dir.mkdir(parents=True, exist_ok=True)
        path = self.azure.state_dir / f"{resource.name}.duckdb"
        path.unlink(missing_ok=True)
        path.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        days = resource.inputs.get("retentionInDays")
        tables = LogTables(path, retention=timedelta(days=days) if days else None)
        self.azure.workspaces[resource.id.lower()] = tables
        digest = self.azure.resources.digest(resource.id)
        resource.outputs["customerId"] = _guid(digest)
        born = self.azure.clock.now - self.azure.past
        resource.outputs["createdDate"] = born.isoformat()

    def update(self, resource: Resource) -> None:
        """Rows stay when the retention changes."""
        days = resource.inputs.get("retentionInDays")
        tables = self.azure.log_tables(resource.id)
        tables.retention = timedelta(days=days) if days else None

    def delete(self, resource: Resource) -> None:
        self.azure.workspaces.pop(resource.id.lower()).close()


class SavedSearch(ResourceType):
    """A query saved in a workspace; one with a function alias can be called by that name."""

    pulumi_type = "azure-native:operationalinsights:SavedSearch"
    path = ArmPath(
        "Microsoft.OperationalInsights/workspaces/savedSearches", ("workspaceName", "savedSearchId")
    )
    billing = Free("is free")

    def create(self, resource: Resource) -> None:
        alias = resource.inputs.get("functionAlias")
        if alias:
            parameters = resource.inputs.get("functionParameters") or ""
            body = str(resource.inputs["query"]).strip().rstrip(";")
            display = str(resource.inputs.get("displayName", ""))
            self._tables(resource).save(KqlFunction(alias, parameters, body, display))

    def delete(self, resource: Resource) -> None:
        self._tables(resource).forget(str(resource.inputs.get("functionAlias")))

    def _tables(self, resource: Resource) -> LogTables:
        return self.azure.log_tables(resource.id.rsplit("/savedSearches/", 1)[0])


class Table(RecordedType):
    """A table's plan and retention; here each has those of its workspace."""

    pulumi_type = "azure-native:operationalinsights:Table"
    path = ArmPath(
        "Microsoft.OperationalInsights/workspaces/tables", ("workspaceName", "tableName")
    )
    billing = Free("brings rows that are in the log store's price")


def _sku_problems(sku: Mapping[str, Any]) -> list[Refusal]:
    """A tier that is open to new workspaces, and the level that belongs to it alone."""
    name, level = sku.get("name"), sku.get("capacityReservationLevel")
    if name is None:
        return []
    if name not in SKUS:
        return [refused("sku.name", name, f"expected one of {', '.join(SKUS)}", "has ended")]
    key = "sku.capacityReservationLevel"
    if name == "CapacityReservation" and level not in CAPACITY_LEVELS:
        expectation = f"expected one of {', '.join(map(str, CAPACITY_LEVELS))}"
        return [refused(key, ABSENT if level is None else level, expectation)]
    if name != "CapacityReservation" and level is not None:
        return [refused(key, level, "expected none without sku.name CapacityReservation")]
    return []


def _guid(digest: str) -> str:
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


TYPES: Final[list[type[ResourceType]]] = [Workspace, SavedSearch, Table]
