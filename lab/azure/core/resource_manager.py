"""The resource manager: takes, checks, keeps and gives back resources as Azure's would."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

from components.limits.refusal import ABSENT, Refusal
from lab.azure.core import schema, unknown
from lab.azure.core.faults import Faults
from lab.azure.core.inventory import Inventory, Resources
from lab.azure.core.not_found import missing_parent, not_found
from lab.azure.core.provider_function import ProviderFunction
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_error import ResourceError, plain_token, refused, short_token
from lab.azure.core.resource_id import SUBSCRIPTION, group_id
from lab.azure.core.subscription import Subscription
from lab.azure.core.type_catalogue import TypeCatalogue, is_azure

Listener = Callable[[Resource, Literal["write", "delete"]], object]


class ResourceManager(Inventory):
    """The life of every resource of one subscription."""

    def __init__(
        self,
        azure: Subscription,
        types: Iterable[type[ResourceType]],
        functions: Mapping[str, ProviderFunction],
    ) -> None:
        super().__init__()
        self._azure = azure
        self._functions = {plain_token(token): answer for token, answer in functions.items()}
        self.types = TypeCatalogue(kind(azure) for kind in types)
        self.unmodelled: Resources = []
        self.listeners: list[Listener] = []
        """Each is told of every resource that was made or changed, and of every one that ended."""

    def check(self, token: str, inputs: Mapping[str, Any]) -> list[Refusal]:
        """What is wrong whatever else exists; inputs may wait for resources that do not yet."""
        token, given = plain_token(token), dict(inputs)
        problems = unknown.tolerant(given, lambda: self._problems(token, given))
        key = self.types.name_property(token)
        if not problems and key and isinstance(given.get(key), str):
            rule = self.types.name_rule(token)
            problems = unknown.tolerant(given, lambda: rule.problems(key, given[key]))
        return problems

    def create(
        self,
        token: str,
        logical_name: str,
        inputs: Mapping[str, Any],
        *,
        urn: str = "",
        parent: str = "",
        dependencies: Sequence[str] = (),
        secrets: Collection[str] = (),
    ) -> Resource:
        """Raises ResourceError with everything that is wrong; `secrets` names secret inputs."""
        token = plain_token(token)
        given = dict(inputs)
        self._refuse_while_busy(token, logical_name)
        with self._lock:
            problems = self._problems(token, given)
            if not problems:
                resource = self._new(token, logical_name, urn, given)
                problems = self._conflicts(resource)
            if problems:
                raise ResourceError(token, logical_name, problems, secrets)
            resource.parent, resource.dependencies = parent, tuple(dependencies)
            resource.secrets = frozenset(secrets)
            self._keep(resource)
        self._begin(resource)
        self._tell(resource, "write")
        return resource

    def update(self, resource_id: str, inputs: Mapping[str, Any]) -> Resource:
        """Gives the resource new inputs; a change of what cannot change makes a new resource."""
        return self.change(self.get(resource_id), inputs)

    def change(self, old: Resource, inputs: Mapping[str, Any]) -> Resource:
        """As `update`, for types whose ids are not unique."""
        given = dict(inputs)
        changed = {key for key in old.inputs | given if old.inputs.get(key) != given.get(key)}
        if not changed:
            return old
        self._refuse_while_busy(old.token, old.logical_name)
        problems = self._problems(old.token, given)
        if problems:
            raise ResourceError(old.token, old.logical_name, problems, old.secrets)
        if changed & self.types.fixed(old.token):
            self.remove(old)
            return self.create(
                old.token,
                old.logical_name,
                given,
                urn=old.urn,
                parent=old.parent,
                dependencies=old.dependencies,
                secrets=old.secrets,
            )
        self._change(old, given)
        self._tell(old, "write")
        return old

    def delete(self, resource_id: str) -> None:
        """Ends the resource and all that is inside it, last created first."""
        self.remove(self.get(resource_id))

    def remove(self, resource: Resource) -> None:
        """As `delete`, for types whose ids are not unique."""
        kind = self.types.kind(resource.token)
        if kind is not None and (problems := kind.holds(resource)):
            raise ResourceError(resource.token, resource.logical_name, problems)
        for child in reversed(self.inside(resource)):
            self._end(child)
        self._end(resource)

    def delete_all(self) -> Sequence[Exception]:
        """Ends everything, last created first; a part that fails does not keep the rest alive."""
        failures = []
        for resource in reversed(self.list()):
            try:
                self._end(resource)
            except Exception as error:
                failures.append(error)
        return failures

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answers a provider function; `getX` looks up the resource of type X by default."""
        token = plain_token(token)
        function = self._functions.get(token)
        if function is not None:
            return function(self._azure, dict(arguments))
        package, module, name = token.split(":")
        if package == "azure-native" and name.startswith("get"):
            path = self.types.path(f"{package}:{module}:{name[3:]}")
            wanted = path.id(arguments, str(arguments.get(path.name_property, "")))
            found = self.get(wanted)
            return found.outputs | {"id": found.id, "name": found.name}
        known = ", ".join(sorted(self._functions)) or "none"
        problem = refused("", ABSENT, f"functions it answers: {known}", "is unknown")
        raise ResourceError(token, "", [problem])

    def digest(self, *parts: str) -> str:
        """64 hex characters that depend on the Azure's seed and on the parts only."""
        return hashlib.sha256("\n".join([str(self._azure.seed), *parts]).encode()).hexdigest()

    def _refuse_while_busy(self, token: str, logical_name: str) -> None:
        if self._azure.service(Faults).is_busy(token):
            expectation = "expected the end of another operation (AnotherOperationInProgress, 409)"
            raise ResourceError(token, logical_name, [refused("", ABSENT, expectation, "is busy")])

    def _problems(self, token: str, inputs: dict[str, Any]) -> list[Refusal]:
        location = self._location(inputs) if is_azure(token) else None
        return self.types.problems(token, inputs, location)

    def _location(self, inputs: dict[str, Any]) -> str | None:
        """What the provider fills in: its own setting, else the resource group's location."""
        if self._azure.default_location or not inputs.get("resourceGroupName"):
            return self._azure.default_location
        group = self.find(group_id(str(inputs["resourceGroupName"])))
        return group.outputs.get("location") if group is not None else None

    def _new(self, token: str, logical_name: str, urn: str, inputs: dict[str, Any]) -> Resource:
        if not is_azure(token):
            own = dict(inputs)
            return Resource(token, logical_name, urn, logical_name, logical_name, inputs, own)
        path = self.types.path(token)
        name = self._name(token, logical_name, urn, inputs)
        outputs = dict(inputs) | {"name": name, "type": path.type}
        location = self._location(inputs)
        if location is not None and "location" in schema.properties(token):
            outputs.setdefault("location", location)
        return Resource(token, logical_name, urn, path.id(inputs, name), name, inputs, outputs)

    def _name(self, token: str, logical_name: str, urn: str, inputs: dict[str, Any]) -> str:
        key = self.types.path(token).name_property
        if key.startswith("="):
            return key[1:]
        if inputs.get(key):
            return str(inputs[key])
        digest = self.digest(urn or f"{token} {logical_name}")
        return self.types.name_rule(token).automatic(logical_name, digest)

    def _conflicts(self, resource: Resource) -> list[Refusal]:
        if not is_azure(resource.token):
            return []
        kind = self.types.kind(resource.token)
        path = self.types.path(resource.token)
        key = path.name_property
        problems = self.types.name_rule(resource.token).problems(key, resource.name)
        parent = path.parent_id(resource.inputs)
        if parent and parent.lower() != SUBSCRIPTION and self.find(parent) is None:
            problems.append(missing_parent(path, parent, resource.inputs))
        existing = self.find(resource.id)
        if existing is not None:
            other = f"{short_token(existing.token)} {existing.logical_name}"
            expectation = f"{other} has this name (409 Conflict)"
            problems.append(refused(key, resource.name, expectation, "is taken"))
        elif kind is not None and kind.has_world_name:
            problems += self._namesakes(resource, key)
        if not problems and kind is not None:
            problems = kind.conflicts(resource)
        return problems

    def _namesakes(self, resource: Resource, key: str) -> list[Refusal]:
        """Of another resource group: the same id is found without this."""
        name = resource.name.lower()
        others = [each for each in self.list(resource.token) if each.name.lower() == name]
        expectation = "expected a name that nobody in the world has (409)"
        return [refused(key, resource.name, expectation, "is taken") for _ in others[:1]]

    def _change(self, resource: Resource, given: dict[str, Any]) -> None:
        before = resource.inputs, resource.outputs
        kept = {key: value for key, value in before[1].items() if key not in before[0]}
        resource.inputs, resource.outputs = given, kept | given
        kind = self.types.kind(resource.token)
        if kind is None:
            return
        try:
            if problems := kind.conflicts(resource, before[0]):
                raise ResourceError(
                    resource.token, resource.logical_name, problems, resource.secrets
                )
            kind.update(resource)
        except BaseException:  # the next try has to find the same change to make
            resource.inputs, resource.outputs = before
            raise

    def _begin(self, resource: Resource) -> None:
        """Without the lock: what starts here may take long and may ask for resources itself."""
        kind = self.types.kind(resource.token)
        if kind is None or not kind.is_modelled:
            self.unmodelled.append(resource)
            return
        try:
            kind.create(resource)
        except BaseException:
            self._drop(resource)
            raise

    def _end(self, resource: Resource) -> None:
        if not self._drop(resource):
            raise not_found(resource.id)
        kind = self.types.kind(resource.token)
        if kind is not None:
            kind.delete(resource)
        self._tell(resource, "delete")

    def _tell(self, resource: Resource, verb: Literal["write", "delete"]) -> None:
        for listener in self.listeners:
            listener(resource, verb)
