"""Resources as Pulumi's engine shows them to a policy pack, made into what the rules read.

pulumi-policy takes the marks of secrets away before a validation sees the properties, so the pack
reads the message itself. That is why its release is pinned.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pulumi_policy.policy
from pulumi_policy import PolicyResource, ResourceValidationArgs, proxy
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY

from policy.declared import UNKNOWN, Declared, Place

_UNKNOWN_MARKS: Final = frozenset(
    value for name, value in vars(proxy).items() if name.startswith("UNKNOWN_")
)


class Marked(dict[str, Any]):
    """Properties of a message, with the marks of secrets still in them."""


def keep_marks() -> None:
    """Has pulumi-policy hand properties over as they came; RuntimeError in another release."""
    module = pulumi_policy.policy
    if not all(hasattr(module, name) for name in ("deserialize_properties", _PROXY)):
        raise RuntimeError("pulumi-policy hides secrets elsewhere; expected release 1.21.0")
    setattr(module, "deserialize_properties", lambda wire, _proxy=False: Marked(wire))  # noqa: B010
    setattr(module, _PROXY, lambda properties: properties)


_PROXY: Final = "unknown_checking_proxy"


def declared(
    given: ResourceValidationArgs | PolicyResource, dependencies: Iterable[str] = ()
) -> Declared:
    """A resource of a validation; what is not known yet is UNKNOWN."""
    marked = given.props
    properties = _plain(marked)
    return Declared(
        type=given.resource_type,
        name=given.name,
        urn=given.urn,
        properties=properties,
        secrets=frozenset(_secrets(marked, ())),
        protected=bool(given.opts.protect),
        dependencies=tuple(dependencies),
        id=_known(properties.get("id")),
    )


def declared_stack(resources: Iterable[PolicyResource]) -> list[Declared]:
    """The resources of a stack, with whom their properties come from."""
    return [declared(each, _sources(each)) for each in resources]


def _sources(resource: PolicyResource) -> Iterator[str]:
    for each in resource.dependencies:
        yield each.urn
    for several in resource.property_dependencies.values():
        for each in several:
            yield each.urn


def _known(value: object) -> str:
    return value if isinstance(value, str) and value != UNKNOWN else ""


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        if value.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG:
            return _plain(value.get("value"))
        return {key: _plain(each) for key, each in value.items() if key != SPECIAL_SIG_KEY}
    return UNKNOWN if isinstance(value, str) and value in _UNKNOWN_MARKS else value


def _secrets(value: Any, place: Place) -> Iterator[Place]:
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _secrets(each, (*place, number))
    elif isinstance(value, Mapping):
        if value.get(SPECIAL_SIG_KEY) == SPECIAL_SECRET_SIG:
            yield place
            return
        for key, each in value.items():
            yield from _secrets(each, (*place, key))
