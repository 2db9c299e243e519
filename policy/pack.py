"""The rules as Pulumi's policies."""

from collections.abc import Callable
from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policy import received
from policy.catalogue import RULES
from policy.rule import Rule, StackRule, found_by

NAME: Final = "login-monitor"


def policies() -> list[Policy]:
    """One policy a rule, in the order of the catalogue."""
    received.keep_marks()
    return [_policy(rule) for rule in RULES]


def _policy(rule: Rule | StackRule) -> Policy:
    level = EnforcementLevel(rule.level)
    if isinstance(rule, StackRule):
        return StackValidationPolicy(
            name=rule.name,
            description=rule.description,
            validate=_of_stack(rule),
            enforcement_level=level,
            remediation_steps=rule.remediation,
        )
    return ResourceValidationPolicy(
        name=rule.name,
        description=rule.description,
        validate=_of_resource(rule),
        enforcement_level=level,
        remediation_steps=rule.remediation,
    )


def _of_resource(rule: Rule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if args.resource_type in rule.types:
            for violation in found_by(rule, [received.declared(args)]):
                report(violation.message, violation.urn)

    return validate


def _of_stack(rule: StackRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for violation in found_by(rule, received.declared_stack(args.resources)):
            report(violation.message, violation.urn)

    return validate
