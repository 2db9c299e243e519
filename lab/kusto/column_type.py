"""What a column of a query's result can be used for in an alert rule, by DuckDB's type of it."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*")
_TEXT: Final = "VARCHAR"


def is_measurable(kind: str) -> bool:
    """Azure aggregates numbers only."""
    return _NUMBER.fullmatch(kind) is not None


def is_splittable(kind: str) -> bool:
    """Azure splits an alert by texts and numbers; not by times, truth values or objects."""
    return kind == _TEXT or is_measurable(kind)
