"""Where a component's queries read login events from. Checked before any resource is made."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from components.content import login_sources
from components.limits.refusal import RefusedError


def event_sources(args: Mapping[str, Any]) -> Sequence[str]:
    """What the input `login_sources` names; InputPropertyError for what is no source."""
    asked: Sequence[str] = args.get("login_sources") or login_sources.DEFAULT
    try:
        login_sources.refuse_unknown(asked)
    except RefusedError as error:
        raise pulumi.InputPropertyError("login_sources", str(error)) from error
    return asked
