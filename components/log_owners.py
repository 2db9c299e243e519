"""Whose rows of a workspace a component looks at."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.content.log_sources import APPS, DATABASES, Owners


def owners(args: Mapping[str, Any]) -> pulumi.Output[Owners]:
    """Azure ids by the tables that they fill, from a component's app_ids and database_ids."""
    apps, databases = args.get("app_ids") or [], args.get("database_ids") or []
    return pulumi.Output.all(*apps, *databases).apply(
        lambda ids: {APPS: ids[: len(apps)], DATABASES: ids[len(apps) :]}
    )


def are_named(args: Mapping[str, Any]) -> bool:
    """Whether some rows are left out at all."""
    return bool(args.get("app_ids") or args.get("database_ids"))
