"""What Azure Resource Manager takes as tags ("Use tags to organize your Azure resources"). Pure."""

import re
from collections.abc import Mapping
from typing import Final

MAX_TAGS: Final = 50
MAX_NAME: Final = 512
MAX_VALUE: Final = 256
_NOT_IN_NAMES: Final = re.compile(r"[<>%&\\?/]")


def problems(tags: Mapping[str, str], most: int = MAX_TAGS) -> list[tuple[str, str]]:
    """The name of each tag that would be refused, empty for all together, and why in words."""
    found = []
    if len(tags) > most:
        found.append(("", f"has {len(tags)} entries; expected at most {most}"))
    for name, value in tags.items():
        if not name or _NOT_IN_NAMES.search(name):
            found.append((name, "is no name; expected one without any of < > % & \\ ? /"))
        if len(name) > MAX_NAME:
            found.append((name, f"has a name of {len(name)} characters; expected at most 512"))
        if len(value) > MAX_VALUE:
            found.append((name, f"has a value of {len(value)} characters; expected at most 256"))
    return found
