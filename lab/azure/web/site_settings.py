"""What a WebApp's inputs say about how its code is run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from lab.azure.resource import Resource

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

    @classmethod
    def of(cls, resource: Resource) -> Self:
        inputs = resource.inputs
        config: dict[str, Any] = inputs.get("siteConfig") or {}
        pairs = config.get("appSettings") or []
        return cls(
            name=resource.name,
            resource_id=resource.id,
            command_line=str(config.get("appCommandLine") or ""),
            app_settings={str(pair["name"]): str(pair.get("value", "")) for pair in pairs},
            runtime=str(config.get("linuxFxVersion") or ""),
            https_only=bool(inputs.get("httpsOnly", False)),
            enabled=bool(inputs.get("enabled", True)),
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
