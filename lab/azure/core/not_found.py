"""Azure's words for what is not there (404)."""

from collections.abc import Mapping
from typing import Any

from components.limits.refusal import Refusal
from lab.azure.core.resource_error import ResourceError, refused
from lab.azure.core.resource_id import ArmPath


def not_found(resource_id: str, token: str = "", logical_name: str = "") -> ResourceError:
    """Token and logical name say who asked."""
    problem = refused("id", resource_id, "it was deleted or never created (404)", "is not found")
    return ResourceError(token, logical_name, [problem])


def missing_parent(path: ArmPath, parent: str, inputs: Mapping[str, Any]) -> Refusal:
    """`parent` is the id of what has to be there first."""
    if path.scope:
        return refused(path.scope, parent, "create that resource first (404)", "is not found")
    key = path.names[-2] if len(path.names) > 1 else "resourceGroupName"
    code = "ParentResourceNotFound" if len(path.names) > 1 else "ResourceGroupNotFound"
    expectation = f"{code}: create it first or pass the name of one that exists (404)"
    return refused(key, inputs.get(key), expectation, "is not found")
