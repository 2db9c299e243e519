"""What every type of the stand-in says of itself."""

import pytest

from lab.azure import NAMESPACES, TYPES
from lab.azure.core import schema
from lab.azure.core.billing import Free, Metered
from lab.azure.core.location import GLOBAL
from lab.azure.core.resource import ResourceType
from lab.azure.core.type_catalogue import is_azure

OF_AZURE = [kind for token, kind in TYPES.items() if is_azure(token)]
every_type = pytest.mark.parametrize("kind", OF_AZURE, ids=lambda kind: str(kind.pulumi_type))


@every_type
def test_a_type_is_one_of_the_sdk_with_the_inputs_that_its_id_is_made_of(
    kind: type[ResourceType],
) -> None:
    inputs = schema.properties(kind.pulumi_type)
    assert inputs, f"the SDK has no {kind.pulumi_type}"
    assert kind.path is not None
    named = {key for key in kind.path.names if not key.startswith("=")}
    assert named | {kind.path.scope} - {""} <= inputs
    assert set(kind.replace_on) <= inputs


@every_type
def test_a_type_says_what_azure_bills_and_what_it_is(kind: type[ResourceType]) -> None:
    assert isinstance(kind.billing, Free | Metered)
    assert kind.__doc__


@every_type
def test_places_and_values_are_of_inputs_that_the_type_has(kind: type[ResourceType]) -> None:
    inputs = schema.properties(kind.pulumi_type)
    assert not kind.locations or ("location" in inputs and GLOBAL[0] in kind.locations)
    assert {place.partition(".")[0] for place in kind.allowed_values} <= inputs


def test_each_type_is_in_one_namespace() -> None:
    listed = [kind for module in NAMESPACES for kind in getattr(module, "TYPES", ())]
    assert len(listed) == len(TYPES)
