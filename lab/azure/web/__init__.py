"""`Microsoft.Web`: plans and Linux web apps that really run, on this machine."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from components.limits import log_category
from components.limits.app_service import (
    ZONE_REDUNDANT_INSTANCES,
    has_always_on,
    is_isolated,
    is_size,
    is_windows_only,
    is_zone_redundant,
    joins_networks,
    most_instances,
)
from components.limits.refusal import ABSENT, Refusal
from lab.azure.core.billing import Free, Metered
from lab.azure.core.faults import Faults
from lab.azure.core.location import plain_location
from lab.azure.core.name_rule import HYPHENS, NameRule
from lab.azure.core.resource import RecordedType, Resource, ResourceType
from lab.azure.core.resource_error import refused
from lab.azure.core.resource_id import ArmPath
from lab.azure.core.subscription import Subscription
from lab.azure.identity.authorization import TENANT_ID
from lab.azure.network import delegation_problems
from lab.azure.web.app_service import AppService
from lab.azure.web.site.access_restriction import AccessRestrictions, complaint
from lab.azure.web.site.site_settings import SiteSettings

_RUNTIME: Final = re.compile(r"(?i)PYTHON\|3\.(9|1[0-4])")


PUBLISHING_POLICIES: Final = "Microsoft.Web/sites/basicPublishingCredentialsPolicies"


class AppServicePlan(ResourceType):
    """Only its limits matter here; every site has one worker."""

    pulumi_type = "azure-native:web:AppServicePlan"
    path = ArmPath("Microsoft.Web/serverfarms", ("name",))
    name_rule = NameRule(1, 60, r"[\w-]+", "letters, digits and hyphens")
    billing = Metered(("app_service",))
    replace_on = ("reserved",)

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """What a plan of that size takes (Microsoft, "Azure App Service plan overview")."""
        problems = []
        size, capacity = _size(inputs), (inputs.get("sku") or {}).get("capacity") or 1
        is_linux = inputs.get("reserved") is True
        if "linux" in str(inputs.get("kind", "")).lower() and not is_linux:
            given = inputs.get("reserved", ABSENT)
            problems.append(
                refused("reserved", given, "true for a Linux plan; without it Azure makes Windows")
            )
        if size and not is_size(size):
            problems.append(
                refused("sku.name", size, "expected a size for web apps, such as B1 or P1v3")
            )
        elif is_linux and is_windows_only(size):
            problems.append(refused("sku.name", size, "expected F1, or B1: D1 is for Windows only"))
        elif is_isolated(size) and not inputs.get("hostingEnvironmentProfile"):
            expectation = f"expected an App Service Environment with {size}"
            problems.append(refused("hostingEnvironmentProfile", ABSENT, expectation, "is missing"))
        if inputs.get("zoneRedundant") and not is_zone_redundant(size):
            expectation = f"false with {size or 'this size'}, or a size of Premium v2, v3, v4"
            problems.append(refused("zoneRedundant", True, expectation))
        elif inputs.get("zoneRedundant") and capacity < ZONE_REDUNDANT_INSTANCES:
            expectation = f"at least {ZONE_REDUNDANT_INSTANCES} in a zone-redundant plan"
            problems.append(refused("sku.capacity", capacity, expectation))
        if size and capacity > most_instances(size):
            expectation = f"at most {most_instances(size)} with {size}"
            problems.append(refused("sku.capacity", capacity, expectation))
        return problems

    def conflicts(
        self, resource: Resource, before: Mapping[str, Any] | None = None
    ) -> list[Refusal]:
        """A plan is made for zones or it is not; and what its apps use must be in its new size.

        "Reliability in Azure App Service" tells of newer plans that can change: UNCONFIRMED which,
        so that the stand-in takes none.
        """
        if before is None:
            return []
        zones = bool(resource.inputs.get("zoneRedundant"))
        if zones != bool(before.get("zoneRedundant")):
            expectation = "expected what the plan was made with; make another plan for its apps"
            return [refused("zoneRedundant", zones, expectation, "cannot be changed")]
        return [
            refused("sku.name", _size(resource.inputs), f"{each.logical_name} has {what}")
            for each in self.azure.resources.list(WebApp.pulumi_type)
            if str(each.inputs.get("serverFarmId", "")).lower() == resource.id.lower()
            for what in _needs_more_than(resource, each)
        ]

    def create(self, resource: Resource) -> None:
        resource.outputs |= {"status": "Ready", "numberOfSites": 0}


class WebApp(ResourceType):
    """A site whose code comes later, through Kudu; until then it shows Azure's default page."""

    pulumi_type = "azure-native:web:WebApp"
    path = ArmPath("Microsoft.Web/sites", ("name",))
    has_world_name = True
    name_rule = NameRule(2, 60, r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]", HYPHENS)
    private_link = ("sites",)
    billing = Free("is in its plan's price")

    def __init__(self, azure: Subscription) -> None:
        super().__init__(azure)
        self._births: Counter[str] = Counter()
        """How often a site of an id was made: each time with another identity."""

    def check(self, inputs: dict[str, Any]) -> list[Refusal]:
        """Runtime, Always On, bits, network and region as its plan has them (azure-docs,
        `azure-websites-limits`; "AlwaysOn cannot be set for this site", 409).
        """
        config: dict[str, Any] = inputs.get("siteConfig") or {}
        problems = []
        runtime = config.get("linuxFxVersion")
        if runtime is not None and not _RUNTIME.fullmatch(str(runtime)):
            expectation = "PYTHON|3.9 to PYTHON|3.14, which is all that the lab runs"
            problems.append(refused("siteConfig.linuxFxVersion", runtime, expectation))
        health = config.get("healthCheckPath")
        if health is not None and not str(health).startswith("/"):
            problems.append(refused("siteConfig.healthCheckPath", health, "a path that begins /"))
        if refusal := complaint(config):
            problems.append(refused("siteConfig.ipSecurityRestrictions", ABSENT, refusal, ""))
        problems += self._identity_problems(inputs)
        if farm := inputs.get("serverFarmId"):
            problems += self._against_plan(inputs, config, str(farm))
        return problems

    def no_private_link(self, resource: Resource) -> str:
        """A private endpoint from Basic on ("Use private endpoints for App Service apps")."""
        plan = self.azure.resources.find(str(resource.inputs.get("serverFarmId") or ""))
        size = _size(plan.inputs) if plan is not None else ""
        return "" if joins_networks(size) else f"expected an app in a plan from B1, not {size}"

    def log_categories(self, resource: Resource) -> tuple[str, ...] | None:
        """Log categories as its plan's tier has them ("App Service monitoring data reference")."""
        plan = self.azure.resources.find(str(resource.inputs.get("serverFarmId") or ""))
        size = _size(plan.inputs) if plan is not None else ""
        return log_category.categories(log_category.SITES, size)

    def create(self, resource: Resource) -> None:
        self._births[resource.id.lower()] += 1
        settings = self._told(resource)
        if self.azure.run_apps:
            hosted = self.azure.service(AppService).add(settings)
            hosted.site.restrictions = AccessRestrictions.of(resource.outputs["siteConfig"])

    def update(self, resource: Resource) -> None:
        settings = self._told(resource)
        hosted = self.azure.service(AppService).site(resource.name) if self.azure.run_apps else None
        if hosted is not None:
            hosted.site.configure(settings)
            hosted.site.restrictions = AccessRestrictions.of(resource.outputs["siteConfig"])

    def delete(self, resource: Resource) -> None:
        self.azure.service(Faults).left(resource.inputs.get("virtualNetworkSubnetId"))
        if self.azure.run_apps:
            self.azure.service(AppService).remove(resource.name)

    def _told(self, resource: Resource) -> SiteSettings:
        """Adds what Azure tells of the site, its identity first: the settings need that."""
        if identity := self._identity(resource):
            resource.outputs["identity"] = identity
        settings = SiteSettings.of(resource)
        resource.outputs |= self._outputs(resource, settings)
        return settings

    def _identity_problems(self, inputs: dict[str, Any]) -> list[Refusal]:
        identity = inputs.get("identity") or {}
        assigned = [str(each) for each in identity.get("userAssignedIdentities") or []]
        key = "identity.userAssignedIdentities"
        problems = [
            refused(key, each, "create that identity first (404)", "is not found")
            for each in assigned
            if self.azure.resources.find(each) is None
        ]
        if assigned and "UserAssigned" not in str(identity.get("type", "")):
            expectation = "expected a type with UserAssigned"
            problems.append(refused("identity.type", identity.get("type"), expectation))
        reader = str(inputs.get("keyVaultReferenceIdentity") or "SystemAssigned")
        known = {each.lower() for each in assigned} | {"systemassigned"}
        if reader.lower() not in known:
            expectation = "expected SystemAssigned, or an identity of this site"
            problems.append(refused("keyVaultReferenceIdentity", reader, expectation))
        return problems

    def _network_problems(self, inputs: dict[str, Any], size: str) -> list[Refusal]:
        place = inputs.get("virtualNetworkSubnetId")
        if not place:
            return []
        key = "virtualNetworkSubnetId"
        if not joins_networks(size):
            expectation = f"none with {size}: virtual networks take a plan from B1"
            return [refused(key, place, expectation)]
        return delegation_problems(self.azure, key, str(place), "Microsoft.Web/serverFarms")

    def _against_plan(
        self, inputs: dict[str, Any], config: dict[str, Any], farm: str
    ) -> list[Refusal]:
        plan = self.azure.resources.find(farm)
        if plan is None:
            return [refused("serverFarmId", farm, "create that plan first (404)", "is not found")]
        size = _size(plan.inputs)
        problems = self._network_problems(inputs, size)
        if config.get("linuxFxVersion") and plan.inputs.get("reserved") is not True:
            expectation = "a plan with reserved true; a Windows plan takes no Linux runtime"
            problems.append(
                refused("siteConfig.linuxFxVersion", config["linuxFxVersion"], expectation)
            )
        if not has_always_on(size) and config.get("alwaysOn"):
            problems.append(
                refused(
                    "siteConfig.alwaysOn",
                    True,
                    f"AlwaysOn cannot be set for this site as the plan ({size}) does not allow it "
                    "(409); false, or a plan from B1",
                )
            )
        if not has_always_on(size) and config.get("use32BitWorkerProcess") is False:
            expectation = f"true with {size}, which has no 64-bit workers"
            problems.append(refused("siteConfig.use32BitWorkerProcess", False, expectation))
        there, here = plan.outputs.get("location"), inputs.get("location")
        if there and here and plain_location(there) != plain_location(here):
            problems.append(refused("location", here, f"{there}, where its plan is"))
        return problems

    def _outputs(self, resource: Resource, settings: SiteSettings) -> dict[str, Any]:
        config = dict(resource.inputs.get("siteConfig") or {})
        config.pop("appSettings", None)  # ARM never gives them back
        outputs: dict[str, Any] = {
            "defaultHostName": settings.host_name,
            "hostNames": [settings.host_name],
            "enabledHostNames": [settings.host_name, settings.scm_host_name],
            "outboundIpAddresses": "192.0.2.10,192.0.2.11",
            "possibleOutboundIpAddresses": "192.0.2.10,192.0.2.11,192.0.2.12",
            "repositorySiteName": settings.name,
            "resourceGroup": resource.inputs.get("resourceGroupName", ""),
            "siteConfig": config,
            "state": "Running" if settings.enabled else "Stopped",
        }
        return outputs

    def _identity(self, resource: Resource) -> dict[str, Any]:
        """Given as a list of ids, told as a map of them."""
        identity = dict(resource.inputs.get("identity") or {})
        if assigned := identity.get("userAssignedIdentities"):
            identity["userAssignedIdentities"] = {
                str(each): {key: told.outputs[key] for key in ("clientId", "principalId")}
                for each in assigned
                if (told := self.azure.resources.find(str(each))) is not None
            }
        if "SystemAssigned" not in str(identity.get("type", "")):
            return identity
        return {
            **identity,
            "principalId": self._guid("principal", resource.id, self._birth(resource)),
            "tenantId": TENANT_ID,
        }

    def _birth(self, resource: Resource) -> str:
        return str(self._births[resource.id.lower()])

    def _guid(self, *parts: str) -> str:
        return str(uuid.UUID(self.azure.resources.digest(*parts)[:32]))


class WebAppScmAllowed(ResourceType):
    """Whether Kudu takes a user name and a password."""

    pulumi_type = "azure-native:web:WebAppScmAllowed"
    path = ArmPath(PUBLISHING_POLICIES, ("name", "=scm"))
    billing = Free("is a property of its web app")

    def create(self, resource: Resource) -> None:
        self._allow(resource, bool(resource.inputs["allow"]))

    def delete(self, resource: Resource) -> None:
        self._allow(resource, True)  # the default of a site made by ARM alone: UNCONFIRMED

    def _allow(self, resource: Resource, allowed: bool) -> None:
        if not self.azure.run_apps:
            return
        hosted = self.azure.service(AppService).site(str(resource.inputs["name"]))
        if hosted is not None:
            hosted.kudu.basic_allowed = allowed


class WebAppFtpAllowed(ResourceType):
    """Recorded: the lab opens no FTP door, whatever this says."""

    pulumi_type = "azure-native:web:WebAppFtpAllowed"
    path = ArmPath(PUBLISHING_POLICIES, ("name", "=ftp"))
    billing = Free("is a property of its web app")


class WebAppApplicationSettings(RecordedType):
    """App settings apart from their app, which the lab reads from the app itself."""

    pulumi_type = "azure-native:web:WebAppApplicationSettings"
    path = ArmPath("Microsoft.Web/sites/config", ("name", "=appsettings"))
    billing = Free("is a property of its web app")


class WebAppDiagnosticLogsConfiguration(RecordedType):
    """Logs that the app's own disk keeps; the lab has none of them."""

    pulumi_type = "azure-native:web:WebAppDiagnosticLogsConfiguration"
    path = ArmPath("Microsoft.Web/sites/config", ("name", "=logs"))
    billing = Free("is a property of its web app")


class WebAppSwiftVirtualNetworkConnection(RecordedType):
    """Joins an app to a subnet; nothing is cut off here."""

    pulumi_type = "azure-native:web:WebAppSwiftVirtualNetworkConnection"
    path = ArmPath("Microsoft.Web/sites/networkConfig", ("name", "=virtualNetwork"))
    billing = Free("is in the plan's price")


TYPES: Final[list[type[ResourceType]]] = [
    AppServicePlan,
    WebApp,
    WebAppScmAllowed,
    WebAppFtpAllowed,
    WebAppApplicationSettings,
    WebAppDiagnosticLogsConfiguration,
    WebAppSwiftVirtualNetworkConnection,
]


def _needs_more_than(plan: Resource, app: Resource) -> Iterator[str]:
    """What an app has that a plan of that size does not take."""
    size = _size(plan.inputs)
    if not has_always_on(size) and (app.inputs.get("siteConfig") or {}).get("alwaysOn"):
        yield "alwaysOn, which a plan from B1 takes (409)"
    if not joins_networks(size) and app.inputs.get("virtualNetworkSubnetId"):
        yield "a virtual network, which a plan from B1 takes"


def _size(inputs: dict[str, Any]) -> str:
    return str((inputs.get("sku") or {}).get("name", "")).upper()
