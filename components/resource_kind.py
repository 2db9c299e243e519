"""Refuses the id of another kind of resource than an input is about."""

import pulumi

from components.limits.resource_id import not_of_type

APP = "Microsoft.Web/sites"
DATABASE = "Microsoft.DBforPostgreSQL/flexibleServers"


def refuse_other_kind(key: str, given: pulumi.Input[str], wanted: str) -> None:
    """InputPropertyError for a text; what another resource will tell is Azure's own word."""
    if isinstance(given, str) and (wrong := not_of_type(given, wanted)):
        raise pulumi.InputPropertyError(key, f"{given!r} {wrong}")
