"""ARM ids: the path that a type of resource has, and which inputs fill it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.azure.core.resource_error import plain_token

SUBSCRIPTION_ID: Final = "00000000-0000-0000-0000-000000000000"
SUBSCRIPTION: Final = f"/subscriptions/{SUBSCRIPTION_ID}"


@dataclass(frozen=True)
class ArmPath:
    """`type` such as `Microsoft.Web/sites`; `names`: the input of each segment, `=x` a fixed word.

    `scope` is the input that holds the id of the resource this one extends. Parents of a guessed
    path are guesses too, so nobody looks for them.
    """

    type: str
    names: tuple[str, ...]
    scope: str = ""
    guessed: bool = False

    @property
    def name_property(self) -> str:
        return self.names[-1]

    def id(self, inputs: Mapping[str, Any], name: str) -> str:
        return f"{self._root(inputs)}/providers/{self.type.split('/')[0]}{self._path(inputs, name)}"

    def parent_id(self, inputs: Mapping[str, Any]) -> str | None:
        """Id of what must exist first: the extended resource, the parent, the resource group."""
        if self.scope:
            return str(inputs.get(self.scope, ""))
        if len(self.names) > 1 and not self.guessed:
            namespace, *segments = self.type.split("/")
            parent = ArmPath("/".join([namespace, *segments[:-1]]), self.names[:-1])
            return parent.id(inputs, str(inputs.get(parent.name_property, "")))
        group = inputs.get("resourceGroupName")
        return group_id(str(group)) if group else None

    def _root(self, inputs: Mapping[str, Any]) -> str:
        if self.scope:
            return str(inputs.get(self.scope, "")).rstrip("/")
        group = inputs.get("resourceGroupName")
        return group_id(str(group)) if group else SUBSCRIPTION

    def _path(self, inputs: Mapping[str, Any], name: str) -> str:
        segments = self.type.split("/")[1:]
        parents = [str(inputs.get(key, "")) for key in self.names[:-1]]
        last = self.name_property
        own = last.removeprefix("=") if last.startswith("=") else name
        return "".join(
            f"/{kind}/{value}" for kind, value in zip(segments, [*parents, own], strict=True)
        )


class GroupPath(ArmPath):
    """A resource group is no provider's resource: its id ends at its name."""

    def id(self, inputs: Mapping[str, Any], name: str) -> str:
        return group_id(name)

    def parent_id(self, inputs: Mapping[str, Any]) -> str | None:
        return None


class WorkspacePath(ArmPath):
    """What Sentinel adds to a workspace; `names` are the workspace's and the resource's own."""

    def id(self, inputs: Mapping[str, Any], name: str) -> str:
        namespace, kind = self.type.split("/")
        return f"{self.parent_id(inputs)}/providers/{namespace}/{kind}/{name}"

    def parent_id(self, inputs: Mapping[str, Any]) -> str:
        group = group_id(str(inputs.get("resourceGroupName", "")))
        workspace = inputs.get(self.names[0], "")
        return f"{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}"


def group_id(name: str) -> str:
    return f"{SUBSCRIPTION}/resourceGroups/{name}"


def guessed_path(token: str, inputs: Collection[str]) -> ArmPath:
    """The path of a type that nobody knows, from its inputs' names."""
    _, module, name = plain_token(token).split(":")
    word = name[0].lower() + name[1:]
    names = [key for key in inputs if key.endswith("Name") and key != "resourceGroupName"]
    if not names:
        names = ["name"] if "name" in inputs else [f"{word}Name"]
    # The resource's own name says what it is: `containerName` of a BlobContainer.
    names.sort(key=lambda key: (key.removesuffix("Name").lower() in name.lower(), key))
    segments = [*(f"{key.removesuffix('Name')}s" for key in names[:-1]), f"{word}s"]
    scope = next((key for key in ("scope", "resourceUri") if key in inputs), "")
    namespace = f"Microsoft.{module[0].upper()}{module[1:]}"
    return ArmPath("/".join([namespace, *segments]), tuple(names), scope, guessed=True)
