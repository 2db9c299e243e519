"""The resources that exist, found by their ids as ARM compares them: whatever the case."""

import threading
from itertools import count

from lab.azure.core.not_found import not_found
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import plain_token
from lab.azure.core.type_catalogue import is_azure

Resources = list[Resource]


class Inventory:
    """Every resource of one subscription, in order of creation."""

    def __init__(self) -> None:
        self._resources: dict[str, Resource] = {}
        self._numbers = count(1)
        self._lock = threading.RLock()

    def get(self, resource_id: str, token: str = "", logical_name: str = "") -> Resource:
        """Raises ResourceError when not there; token and logical name say there who asks."""
        found = self.find(resource_id)
        if found is None:
            raise not_found(resource_id, token, logical_name)
        return found

    def find(self, resource_id: str) -> Resource | None:
        with self._lock:
            return self._resources.get(_key(resource_id))

    def list(self, token: str | None = None) -> Resources:
        """Of one type when a token is given."""
        with self._lock:
            return [
                resource
                for resource in self._resources.values()
                if token is None or resource.token == plain_token(token)
            ]

    def inside(self, resource: Resource) -> Resources:
        """What ends with a resource, as its id begins with that one's."""
        folder = _key(resource.id) + "/"
        return [
            each
            for each in self.list()
            if is_azure(each.token) and _key(each.id).startswith(folder)
        ]

    def _keep(self, resource: Resource) -> None:
        with self._lock:
            resource.number = next(self._numbers)
            self._resources[_place(resource)] = resource

    def _drop(self, resource: Resource) -> bool:
        """Whether it was there."""
        with self._lock:
            return self._resources.pop(_place(resource), None) is not None


def _key(resource_id: str) -> str:
    return resource_id.rstrip("/").lower()


def _place(resource: Resource) -> str:
    """Ids of other providers need not be unique: every RandomPassword's is `none`."""
    if is_azure(resource.token):
        return _key(resource.id)
    return f"{resource.token} {resource.logical_name} {resource.number}"
