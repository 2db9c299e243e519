"""What a WebApp's inputs say about how its code is run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from lab.azure.core.resource import Resource

HOST_SUFFIX = ".azurewebsites.net"
SCM_SUFFIX = ".scm.azurewebsites.net"


@dataclass(frozen=True)
class SiteSettings:
    """`app_settings` may hold secrets: they go into the app's environment and nowhere else."""

    name: str
    resource_id: str
    command_line: str = ""
    app_settings: Mapping[str, str] = field(default_factory=dict, repr=False)
    runtime: str = ""
    https_only: bool = False
    enabled: bool = True
    identities: tuple[str, ...] = ()
    """Ids of the user-assigned identities, in lower case."""
    system_principal: str = ""
    """Object id of the site's own identity; '' where it has none."""
    key_vault_identity: str = ""
    """Id of the identity that reads secrets; '' for the site's own."""

    @classmethod
    def of(cls, resource: Resource) -> Self:
        inputs = resource.inputs
        config: dict[str, Any] = inputs.get("siteConfig") or {}
        pairs = config.get("appSettings") or []
        identity: dict[str, Any] = resource.outputs.get("identity") or {}
        assigned = identity.get("userAssignedIdentities") or []
        return cls(
            name=resource.name,
            resource_id=resource.id,
            command_line=str(config.get("appCommandLine") or ""),
            app_settings={str(pair["name"]): str(pair.get("value", "")) for pair in pairs},
            runtime=str(config.get("linuxFxVersion") or ""),
            https_only=bool(inputs.get("httpsOnly", False)),
            enabled=bool(inputs.get("enabled", True)),
            identities=tuple(str(each).lower() for each in assigned),
            system_principal=str(identity.get("principalId") or ""),
            key_vault_identity=str(inputs.get("keyVaultReferenceIdentity") or ""),
        )

    @property
    def host_name(self) -> str:
        return f"{self.name.lower()}{HOST_SUFFIX}"

    @property
    def scm_host_name(self) -> str:
        return f"{self.name.lower()}{SCM_SUFFIX}"

    @property
    def builds(self) -> bool:
        """Whether Kudu builds what is published (`SCM_DO_BUILD_DURING_DEPLOYMENT`)."""
        value = self.app_settings.get("SCM_DO_BUILD_DURING_DEPLOYMENT", "")
        return value.strip().lower() in {"true", "1"}
