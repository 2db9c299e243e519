"""`Microsoft.Web`: plans and Linux web apps that really run, on this machine."""

import re
import uuid
from typing import Any, ClassVar, Final

from components.limits.app_service import ZONE_REDUNDANT_INSTANCES
from lab.azure.core.problem import ABSENT, Problem
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.identity.authorization import TENANT_ID
from lab.azure.network import delegation_problems
from lab.azure.web.app_service import AppService
from lab.azure.web.site.access_restriction import AccessRestrictions, complaint
from lab.azure.web.site.site_settings import SiteSettings

SHARED_TIERS: Final = frozenset({"F1", "D1"})
INSTANCES: Final = {"F": 1, "D": 1, "B": 3, "S": 10, "P": 30}
"""Most instances by the first letter of the size (azure-docs, `azure-websites-limits`)."""

_ZONE_REDUNDANT: Final = re.compile(r"(?i)(P\d+M?V[234]|I\d+M?V2)")
_RUNTIME: Final = re.compile(r"(?i)PYTHON\|3\.(9|1[0-4])")


class AppServicePlan(ResourceType):
    """Only its limits matter here; every site has one worker."""

    token: ClassVar[str] = "azure-native:web:AppServicePlan"  # noqa: S105 - a Pulumi type token
    replace_on: ClassVar[tuple[str, ...]] = ("reserved",)

    def check(self, inputs: dict[str, Any]) -> list[Problem]:
        problems = []
        size, capacity = _size(inputs), (inputs.get("sku") or {}).get("capacity") or 1
        if "linux" in str(inputs.get("kind", "")).lower() and inputs.get("reserved") is not True:
            given = inputs.get("reserved", ABSENT)
            problems.append(
                Problem("reserved", given, "true for a Linux plan; without it Azure makes Windows")
            )
        if inputs.get("zoneRedundant") and not _ZONE_REDUNDANT.fullmatch(size):
            expectation = f"false with {size or 'this size'}, or a size of Premium v2, v3, v4"
            problems.append(Problem("zoneRedundant", True, expectation))
        elif inputs.get("zoneRedundant") and capacity < ZONE_REDUNDANT_INSTANCES:
            expectation = f"at least {ZONE_REDUNDANT_INSTANCES} in a zone-redundant plan"
            problems.append(Problem("sku.capacity", capacity, expectation))
        most = INSTANCES.get(size[:1], capacity)
        if capacity > most:
            problems.append(Problem("sku.capacity", capacity, f"at most {most} with {size}"))
        return problems

    def create(self, resource: Resource) -> None:
        resource.outputs |= {"status": "Ready", "numberOfSites": 0}


class WebApp(ResourceType):
    """A site whose code comes later, through Kudu; until then it shows Azure's default page."""

    token: ClassVar[str] = "azure-native:web:WebApp"  # noqa: S105 - a Pulumi type token

    def check(self, inputs: dict[str, Any]) -> list[Problem]:
        config: dict[str, Any] = inputs.get("siteConfig") or {}
        problems = []
        runtime = config.get("linuxFxVersion")
        if runtime is not None and not _RUNTIME.fullmatch(str(runtime)):
            expectation = "PYTHON|3.9 to PYTHON|3.14, which is all that the lab runs"
            problems.append(Problem("siteConfig.linuxFxVersion", runtime, expectation))
        health = config.get("healthCheckPath")
        if health is not None and not str(health).startswith("/"):
            problems.append(Problem("siteConfig.healthCheckPath", health, "a path that begins /"))
        if refusal := complaint(config):
            problems.append(Problem("siteConfig.ipSecurityRestrictions", ABSENT, refusal, ""))
        problems += self._identity_problems(inputs)
        if farm := inputs.get("serverFarmId"):
            problems += self._against_plan(inputs, config, str(farm))
        return problems

    def create(self, resource: Resource) -> None:
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
        if self.azure.run_apps:
            self.azure.service(AppService).remove(resource.name)

    def _told(self, resource: Resource) -> SiteSettings:
        """Adds what Azure tells of the site, its identity first: the settings need that."""
        if identity := self._identity(resource):
            resource.outputs["identity"] = identity
        settings = SiteSettings.of(resource)
        resource.outputs |= self._outputs(resource, settings)
        return settings

    def _identity_problems(self, inputs: dict[str, Any]) -> list[Problem]:
        identity = inputs.get("identity") or {}
        assigned = [str(each) for each in identity.get("userAssignedIdentities") or []]
        key = "identity.userAssignedIdentities"
        problems = [
            Problem(key, each, "create that identity first (404)", "is not found")
            for each in assigned
            if self.azure.resources.find(each) is None
        ]
        if assigned and "UserAssigned" not in str(identity.get("type", "")):
            expectation = "expected a type with UserAssigned"
            problems.append(Problem("identity.type", identity.get("type"), expectation))
        reader = str(inputs.get("keyVaultReferenceIdentity") or "SystemAssigned")
        known = {each.lower() for each in assigned} | {"systemassigned"}
        if reader.lower() not in known:
            expectation = "expected SystemAssigned, or an identity of this site"
            problems.append(Problem("keyVaultReferenceIdentity", reader, expectation))
        return problems

    def _network_problems(self, inputs: dict[str, Any], size: str) -> list[Problem]:
        place = inputs.get("virtualNetworkSubnetId")
        if not place:
            return []
        key = "virtualNetworkSubnetId"
        if size in SHARED_TIERS:
            expectation = f"none with {size}: virtual networks take a plan from B1"
            return [Problem(key, place, expectation)]
        return delegation_problems(self.azure, key, str(place), "Microsoft.Web/serverFarms")

    def _against_plan(
        self, inputs: dict[str, Any], config: dict[str, Any], farm: str
    ) -> list[Problem]:
        plan = self.azure.resources.find(farm)
        if plan is None:
            return [Problem("serverFarmId", farm, "create that plan first (404)", "is not found")]
        size = _size(plan.inputs)
        problems = self._network_problems(inputs, size)
        if config.get("linuxFxVersion") and plan.inputs.get("reserved") is not True:
            expectation = "a plan with reserved true; a Windows plan takes no Linux runtime"
            problems.append(
                Problem("siteConfig.linuxFxVersion", config["linuxFxVersion"], expectation)
            )
        if size in SHARED_TIERS and config.get("alwaysOn"):
            problems.append(
                Problem(
                    "siteConfig.alwaysOn",
                    True,
                    f"AlwaysOn cannot be set for this site as the plan ({size}) does not allow it "
                    "(409); false, or a plan from B1",
                )
            )
        if size in SHARED_TIERS and config.get("use32BitWorkerProcess") is False:
            expectation = f"true with {size}, which has no 64-bit workers"
            problems.append(Problem("siteConfig.use32BitWorkerProcess", False, expectation))
        there, here = plan.outputs.get("location"), inputs.get("location")
        if there and here and _region(there) != _region(here):
            problems.append(Problem("location", here, f"{there}, where its plan is"))
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
            "principalId": self._guid("principal", resource.id),
            "tenantId": TENANT_ID,
        }

    def _guid(self, *parts: str) -> str:
        return str(uuid.UUID(self.azure.resources.digest(*parts)[:32]))


class WebAppScmAllowed(ResourceType):
    """Whether Kudu takes a user name and a password."""

    token: ClassVar[str] = "azure-native:web:WebAppScmAllowed"  # noqa: S105 - a Pulumi type token

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

    token: ClassVar[str] = "azure-native:web:WebAppFtpAllowed"  # noqa: S105 - a Pulumi type token


TYPES: Final[list[type[ResourceType]]] = [
    AppServicePlan,
    WebApp,
    WebAppScmAllowed,
    WebAppFtpAllowed,
]


def _size(inputs: dict[str, Any]) -> str:
    return str((inputs.get("sku") or {}).get("name", "")).upper()


def _region(name: object) -> str:
    """`West Europe` and `westeurope` are one region."""
    return str(name).replace(" ", "").lower()
