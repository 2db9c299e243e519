"""A rule of the policy pack, and what it found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from policy.declared import Declared

Level = Literal["mandatory", "advisory"]
Check = Callable[[Declared], Iterator[str]]
StackCheck = Callable[[Sequence[Declared]], Iterator[tuple[Declared, str]]]


@dataclass(frozen=True)
class Rule:
    """Something that a resource must be; `check` says what is wrong, in words without a secret."""

    name: str
    description: str
    level: Level
    remediation: str
    """What to do about it."""
    types: frozenset[str]
    check: Check


@dataclass(frozen=True)
class StackRule:
    """Something that the resources of a stack must be to each other."""

    name: str
    description: str
    level: Level
    remediation: str
    check: StackCheck


@dataclass(frozen=True)
class Violation:
    """A rule that a resource breaks; `message` is `<what> <problem>; <what is expected>`."""

    rule: str
    level: Level
    resource: str
    urn: str
    message: str


def found_by(rule: Rule | StackRule, resources: Sequence[Declared]) -> Iterator[Violation]:
    """What a rule finds among the resources of a stack, in their order."""
    if isinstance(rule, StackRule):
        pairs = rule.check(resources)
    else:
        fitting = (each for each in resources if each.type in rule.types)
        pairs = ((each, problem) for each in fitting for problem in rule.check(each))
    for resource, problem in pairs:
        yield Violation(
            rule=rule.name,
            level=rule.level,
            resource=resource.name,
            urn=resource.urn,
            message=message(rule, resource, problem),
        )


def message(rule: Rule | StackRule, resource: Declared, problem: str) -> str:
    """`<resource> <problem>; <remediation> (<rule>)`."""
    return f"{resource.name} {problem}; {rule.remediation} ({rule.name})"
