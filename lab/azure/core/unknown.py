"""Checks of inputs that are not all known yet, as in a preview."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from components.limits.refusal import Refusal
from lab.azure.core.pulumi_value import holds_unknown

_STEP: Final = re.compile(r"[^.\[\]]+")
Check = Callable[[], list[Refusal]]


def tolerant(inputs: Mapping[str, Any], check: Check) -> list[Refusal]:
    """The problems that stay, whatever the unknown values turn out to be."""
    if not holds_unknown(dict(inputs)):
        return check()
    try:
        problems = check()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return []  # a limit stumbled over a value that is not there yet; it is checked again
    return [each for each in problems if not holds_unknown(_at(inputs, each.where.property))]


def _at(inputs: Mapping[str, Any], path: str) -> Any:
    """The value that a problem is about; nothing when the problem is that it is not there."""
    value: Any = inputs
    for step in _STEP.findall(path):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
    return value
