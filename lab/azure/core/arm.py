"""The resource manager: takes, checks, keeps and gives back resources as Azure's would."""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, Literal

from lab.azure.core import locations, names, schema, unknown
from lab.azure.core.not_found import missing_parent, not_found
from lab.azure.core.problem import ABSENT, Problem, ResourceError, plain_token, short_token
from lab.azure.core.resource import Resource, ResourceType
from lab.azure.core.resource_id import SUBSCRIPTION, ArmPath, arm_path, group_id
from lab.azure.core.subscription import Subscription

__all__ = ["Problem", "Resource", "ResourceError", "ResourceManager", "ResourceType"]

Invoke = Callable[[Subscription, dict[str, Any]], dict[str, Any]]
"""A provider function, such as `getClientConfig`: arguments and result are camelCase."""

Listener = Callable[[Resource, Literal["write", "delete"]], object]

Problems = list[Problem]
Resources = list[Resource]
Failures = list[Exception]


class ResourceManager:
    """Every resource of one Azure, in order of creation."""

    def __init__(
        self,
        azure: Subscription,
        types: Iterable[type[ResourceType]],
        invokes: Mapping[str, Invoke],
    ) -> None:
        self._azure = azure
        self._types = {plain_token(kind.token): kind(azure) for kind in types}
        self._invokes = {plain_token(token): answer for token, answer in invokes.items()}
        self._resources: dict[str, Resource] = {}
        self._lock = threading.RLock()
        self._numbers = count(1)
        self.unmodelled: Resources = []
        self.listeners: list[Listener] = []
        """Each is told of every resource that was made or changed, and of every one that ended."""

    @property
    def modelled(self) -> list[str]:
        """The tokens of the types that behave here as they do in Azure."""
        return sorted(self._types)

    def check(self, token: str, inputs: Mapping[str, Any]) -> Problems:
        """What is wrong whatever else exists; inputs may wait for resources that do not yet."""
        token, given = plain_token(token), dict(inputs)
        problems = unknown.tolerant(given, lambda: self._problems(token, given))
        key = self.name_property(token)
        if not problems and key and isinstance(given.get(key), str):
            problems = unknown.tolerant(given, lambda: names.check(token, key, given[key]))
        return problems

    def name_property(self, token: str) -> str:
        """The input that is the resource's own name; '' where the program cannot choose it."""
        if not _is_azure(plain_token(token)):
            return ""
        key = _path(plain_token(token)).name_property
        return "" if key.startswith("=") else key

    def fixed(self, token: str) -> frozenset[str]:
        """Inputs that no resource of this type can change; a new one has to be made."""
        token = plain_token(token)
        if token.startswith("random:"):
            return schema.properties(token)  # nothing is drawn a second time
        kind = self._types.get(token)
        own = kind.replace_on if kind is not None else ()
        if not _is_azure(token):
            return frozenset(own)
        path = _path(token)
        return frozenset([*own, "resourceGroupName", "location", path.scope, *path.names])

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
        with self._lock:
            problems = self._problems(token, given)
            if not problems:
                resource = self._new(token, logical_name, urn, given)
                problems = self._conflicts(resource)
            if problems:
                raise ResourceError(token, logical_name, problems, secrets)
            resource.parent, resource.dependencies = parent, tuple(dependencies)
            resource.secrets = frozenset(secrets)
            resource.number = next(self._numbers)
            self._resources[_place(resource)] = resource
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
        problems = self._problems(old.token, given)
        if problems:
            raise ResourceError(old.token, old.logical_name, problems, old.secrets)
        if changed & self.fixed(old.token):
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
        inside = _key(resource.id) + "/"
        for child in reversed(self.list()):
            if _is_azure(child.token) and _key(child.id).startswith(inside):
                self._end(child)
        self._end(resource)

    def delete_all(self) -> Failures:
        """Ends everything, last created first; a part that fails does not keep the rest alive."""
        failures: Failures = []
        for resource in reversed(self.list()):
            try:
                self._end(resource)
            except Exception as error:
                failures.append(error)
        return failures

    def get(self, resource_id: str, token: str = "", logical_name: str = "") -> Resource:
        """Ids are compared as ARM does, whatever the case. Raises ResourceError when not there.

        Token and logical name say who asks, for that message.
        """
        found = self.find(resource_id)
        if found is None:
            raise not_found(resource_id, token, logical_name)
        return found

    def find(self, resource_id: str) -> Resource | None:
        with self._lock:
            return self._resources.get(_key(resource_id))

    def list(self, token: str | None = None) -> Resources:
        """In order of creation, of one type when a token is given."""
        with self._lock:
            return [
                resource
                for resource in self._resources.values()
                if token is None or resource.token == plain_token(token)
            ]

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Answers a provider function; `getX` looks up the resource of type X by default."""
        token = plain_token(token)
        function = self._invokes.get(token)
        if function is not None:
            return function(self._azure, dict(arguments))
        package, module, name = token.split(":")
        if package == "azure-native" and name.startswith("get"):
            path = _path(f"{package}:{module}:{name[3:]}")
            wanted = path.id(arguments, str(arguments.get(path.name_property, "")))
            found = self.get(wanted)
            return found.outputs | {"id": found.id, "name": found.name}
        known = ", ".join(sorted(self._invokes)) or "none"
        problem = Problem("", ABSENT, f"functions it answers: {known}", "is unknown")
        raise ResourceError(token, "", [problem])

    def digest(self, *parts: str) -> str:
        """64 hex characters that depend on the Azure's seed and on the parts only."""
        return hashlib.sha256("\n".join([str(self._azure.seed), *parts]).encode()).hexdigest()

    def _problems(self, token: str, inputs: dict[str, Any]) -> Problems:
        problems = schema.check(token, inputs)
        if problems:
            return problems  # limits are only meaningful for inputs of the right types
        kind = self._types.get(token)
        default = self._location(inputs) if _is_azure(token) else None
        own = kind.check(inputs) if kind is not None else []
        return [*locations.check(token, inputs, default), *own]

    def _location(self, inputs: dict[str, Any]) -> str | None:
        """What the provider fills in: its own setting, else the resource group's location."""
        if self._azure.default_location or not inputs.get("resourceGroupName"):
            return self._azure.default_location
        group = self.find(group_id(str(inputs["resourceGroupName"])))
        return group.outputs.get("location") if group is not None else None

    def _new(self, token: str, logical_name: str, urn: str, inputs: dict[str, Any]) -> Resource:
        if not _is_azure(token):
            own = dict(inputs)
            return Resource(token, logical_name, urn, logical_name, logical_name, inputs, own)
        path = _path(token)
        name = self._name(token, path, logical_name, urn, inputs)
        outputs = dict(inputs) | {"name": name, "type": path.type}
        location = self._location(inputs)
        if location is not None and "location" in schema.properties(token):
            outputs.setdefault("location", location)
        return Resource(token, logical_name, urn, path.id(inputs, name), name, inputs, outputs)

    def _name(
        self, token: str, path: ArmPath, logical_name: str, urn: str, inputs: dict[str, Any]
    ) -> str:
        key = path.name_property
        if key.startswith("="):
            return key[1:]
        if inputs.get(key):
            return str(inputs[key])
        return names.automatic(token, logical_name, self.digest(urn or f"{token} {logical_name}"))

    def _conflicts(self, resource: Resource) -> Problems:
        if not _is_azure(resource.token):
            return []
        path = _path(resource.token)
        problems = names.check(resource.token, path.name_property, resource.name)
        parent = path.parent_id(resource.inputs)
        if parent and parent.lower() != SUBSCRIPTION and self.find(parent) is None:
            problems.append(missing_parent(path, parent, resource.inputs))
        existing = self.find(resource.id)
        if existing is not None:
            other = f"{short_token(existing.token)} {existing.logical_name}"
            expectation = f"{other} has this name (409 Conflict)"
            problems.append(Problem(path.name_property, resource.name, expectation, "is taken"))
        return problems

    def _change(self, resource: Resource, given: dict[str, Any]) -> None:
        before = resource.inputs, resource.outputs
        kept = {key: value for key, value in before[1].items() if key not in before[0]}
        resource.inputs, resource.outputs = given, kept | given
        kind = self._types.get(resource.token)
        if kind is None:
            return
        try:
            kind.update(resource)
        except BaseException:  # the next try has to find the same change to make
            resource.inputs, resource.outputs = before
            raise

    def _begin(self, resource: Resource) -> None:
        """Without the lock: what starts here may take long and may ask for resources itself."""
        kind = self._types.get(resource.token)
        if kind is None:
            self.unmodelled.append(resource)
            return
        try:
            kind.create(resource)
        except BaseException:
            with self._lock:
                self._resources.pop(_place(resource), None)
            raise

    def _end(self, resource: Resource) -> None:
        with self._lock:
            if self._resources.pop(_place(resource), None) is None:
                raise not_found(resource.id)
        kind = self._types.get(resource.token)
        if kind is not None:
            kind.delete(resource)
        self._tell(resource, "delete")

    def _tell(self, resource: Resource, verb: Literal["write", "delete"]) -> None:
        for listener in self.listeners:
            listener(resource, verb)


def _is_azure(token: str) -> bool:
    return token.startswith("azure-native:")


def _path(token: str) -> ArmPath:
    return arm_path(token, schema.properties(token))


def _key(resource_id: str) -> str:
    return resource_id.rstrip("/").lower()


def _place(resource: Resource) -> str:
    """Ids of other providers need not be unique: every RandomPassword's is `none`."""
    if _is_azure(resource.token):
        return _key(resource.id)
    return f"{resource.token} {resource.logical_name} {resource.number}"
