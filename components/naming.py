"""Names that Azure restricts, as pure functions; everything else is named by Pulumi."""

import re

from components.limits.receiver import MAX_SHORT_NAME

# Microsoft.Web/sites: 2-60 letters, digits and hyphens, unique in the world (Azure's page
# "Naming rules and restrictions for Azure resources").
WEB_APP_LIMIT = 60
# Likewise a flexible server of PostgreSQL, a vault, and an Azure Managed Redis, which allows 60.
DATABASE_SERVER_LIMIT = 63
VAULT_LIMIT = 24
REDIS_LIMIT = 60


def web_app_name(base: str, suffix: str) -> str:
    """`<base>-<suffix>` within the limit of a web app."""
    return unique_name(base, suffix, WEB_APP_LIMIT)


def unique_name(base: str, suffix: str, limit: int) -> str:
    """`<base>-<suffix>` within a limit: a long base is cut, the unique suffix never.

    Lower-case letters, digits and single hyphens, which every service with unique names takes; a
    letter comes first, which Key Vault wants.
    """
    room = limit - len(suffix) - 1
    words = re.sub(r"[^a-z0-9]+", "-", base.lower()).strip("-")
    if not words[:1].isalpha():
        words = f"n{words}"
    return f"{words[:room].rstrip('-')}-{suffix}"


def scm_host(host: str) -> str:
    """Kudu's host of a web app: `x.azurewebsites.net` has it at `x.scm.azurewebsites.net`.

    The label goes second in regional host names too (`x-hash.scm.westeurope-01.azurewebsites.net`).
    """
    first, _, rest = host.partition(".")
    return f"{first}.scm.{rest}"


def action_group_short_name(urgency: str) -> str:
    """`Login` and the urgency as one word; ValueError beyond Azure's limit."""
    name = f"Login{urgency.capitalize()}"
    if len(name) > MAX_SHORT_NAME:
        raise ValueError(
            f"short name {name} is too long; expected at most {MAX_SHORT_NAME} characters"
        )
    return name
