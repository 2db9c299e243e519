"""The policy pack's rules over what was deployed to the lab."""

from collections.abc import Iterable

from lab.azure.core.resource import Resource
from lab.report.model import ViolationEntry
from policy import catalogue
from policy.declared import Declared
from policy.rule import StackRule, found_by


def violations(resources: Iterable[Resource]) -> list[ViolationEntry]:
    """What `pulumi preview --policy-pack policy` would say of the same resources."""
    found = catalogue.violations([declared(each) for each in resources])
    return [ViolationEntry(each.rule, each.level, each.resource, each.message) for each in found]


def held(resources: Iterable[Resource]) -> int:
    """How many rules had something to look at, and found nothing wrong with it."""
    given = [declared(each) for each in resources]
    types = {each.type for each in given}
    return sum(
        (isinstance(rule, StackRule) or not rule.types.isdisjoint(types))
        and not any(found_by(rule, given))
        for rule in catalogue.RULES
    )


def declared(resource: Resource) -> Declared:
    """A resource of the lab as the rules see it."""
    return Declared(
        type=resource.token,
        name=resource.logical_name,
        urn=resource.urn,
        properties=resource.inputs,
        secrets=resource.secret_places,
        protected=resource.protect,
        dependencies=resource.dependencies,
        id=resource.id,
    )
