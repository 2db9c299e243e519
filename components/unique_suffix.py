"""The random end of a name that has to be unique in the world, and when it changes."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_random


def unique_suffix(
    name: str,
    args: Mapping[str, Any],
    options: pulumi.ResourceOptions,
    kept_for: Mapping[str, str] | None = None,
) -> pulumi.Output[str]:
    """Six hex digits that stay with a resource, and are new for a resource that has moved.

    What moves to another region or group is made anew, and its old name is taken for a while: a
    deleted vault keeps it for 90 days, a site's old address is answered for minutes. `args` are a
    component's, with resource_group_name and location; `kept_for` is what else a resource cannot
    change in place: who knows it by name then learns that it is another one.
    """
    made = pulumi_random.RandomId(
        f"{name}-suffix",
        byte_length=3,
        keepers={
            "resource_group": args["resource_group_name"],
            "location": pulumi.Output.from_input(args["location"]).apply(plain_location),
            **(kept_for or {}),
        },
        opts=options,
    )
    return made.hex


def plain_location(location: str) -> str:
    """`West Europe` and `westeurope` are one region."""
    return location.replace(" ", "").lower()
