"""The same name in Python and in JSON: `alert_emails`, `alertEmails`."""

import re


def camel(name: str) -> str:
    """As a stack's file and Azure have it."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    """As Python has it; a capital at the beginning begins no second word."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
