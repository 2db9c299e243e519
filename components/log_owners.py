"""Whose rows of a workspace a component looks at."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.content.log_sources import APPS, DATABASES, Owners
from components.resource_kind import APP, DATABASE, refuse_other_kind


def owners(args: Mapping[str, Any]) -> pulumi.Output[Owners]:
    """Azure ids by the tables that they fill, from a component's app_ids and database_ids.

    InputPropertyError for an id of another kind: no row has it, and every query would be blind.
    """
    apps, databases = args.get("app_ids") or [], args.get("database_ids") or []
    for key, ids, kind in (("app_ids", apps, APP), ("database_ids", databases, DATABASE)):
        for each in ids:
            refuse_other_kind(key, each, kind)
    return pulumi.Output.all(*apps, *databases).apply(
        lambda ids: {APPS: ids[: len(apps)], DATABASES: ids[len(apps) :]}
    )


def are_named(args: Mapping[str, Any]) -> bool:
    """Whether some rows are left out at all."""
    return bool(args.get("app_ids") or args.get("database_ids"))
