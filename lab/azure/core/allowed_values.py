"""Values where Azure and the SDK's enum differ; Azure is right."""

from typing import Final

ALLOWED: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    # The SDK's monitor.ConditionOperator belongs to another API (`gt`, `eq`); the type file says
    # `Equals`, which the service refuses (Azure/azure-rest-api-specs #21794, bicep-types-az #2308).
    ("monitor:ConditionArgs", "operator"): (
        "GreaterThan",
        "GreaterThanOrEqual",
        "LessThan",
        "LessThanOrEqual",
        "Equal",
        "GreaterOrLessThan",
    ),
    # The SDK's dbforpostgresql.PrincipalType is the Citus API's (`servicePrincipal`).
    ("dbforpostgresql:AdministratorsMicrosoftEntraArgs", "principalType"): (
        "Group",
        "ServicePrincipal",
        "Unknown",
        "User",
    ),
}


def allowed(type_name: str, property_name: str) -> tuple[str, ...]:
    """Empty where the SDK's own enum is right."""
    return ALLOWED.get((type_name, property_name), ())
