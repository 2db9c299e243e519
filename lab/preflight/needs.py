"""What a stack asks of a subscription, read from the resources that its program registers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from lab.azure.core.resource import Resource

GROUPS = "Microsoft.Resources/resourceGroups"
POST_ACTIONS = {
    "Microsoft.Logic/workflows": "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
    "Microsoft.Cache/redisEnterprise/databases": (
        "Microsoft.Cache/redisEnterprise/databases/listKeys/action"
    ),
}
"""By the type whose secrets the components read, with a POST that the role Reader does not have."""


@dataclass(frozen=True)
class Needs:
    """Of one stack; every ARM type is `Namespace/type[/type]`."""

    types: dict[str, frozenset[str]] = field(default_factory=dict)
    """The regions that resources of an ARM type go to; none for what has no region."""
    receivers: tuple[str, ...] = ()
    """Mail addresses that alerts go to."""

    @classmethod
    def of(cls, resources: Iterable[Resource]) -> "Needs":
        """Resources of Azure only; what has a region has it in its outputs."""
        types: dict[str, set[str]] = {}
        receivers: dict[str, None] = {}
        for resource in resources:
            if not resource.token.startswith("azure-native:"):
                continue
            regions = types.setdefault(str(resource.outputs["type"]), set())
            region = str(resource.outputs.get("location") or "")
            if region and region.lower() != "global":
                regions.add(region)
            for mail in resource.inputs.get("emailReceivers") or ():
                receivers[str(mail["emailAddress"])] = None
        return cls(
            {kind: frozenset(found) for kind, found in sorted(types.items())},
            tuple(receivers),
        )

    @property
    def namespaces(self) -> list[str]:
        """Resource providers that have to be registered."""
        own = {kind.split("/")[0] for kind in self.types}
        # Always registered: "Azure resource providers and types" on learn.microsoft.com.
        return sorted(own - {"Microsoft.Resources", "Microsoft.Authorization"})

    @property
    def actions(self) -> list[str]:
        """What `pulumi up` and `pulumi destroy` do, as role definitions name it."""
        found = {POST_ACTIONS[kind] for kind in self.types if kind in POST_ACTIONS}
        for kind in self.types:
            name = "Microsoft.Resources/subscriptions/resourceGroups" if kind == GROUPS else kind
            found |= {f"{name}/{verb}" for verb in ("read", "write", "delete")}
        return sorted(found)
