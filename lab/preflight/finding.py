"""What one question to the subscription came to."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warning", "failed", "unknown"]
"""`failed`: `pulumi up` would fail, or alert nobody; `unknown`: the subscription does not say."""


@dataclass(frozen=True)
class Finding:
    """`check` is the question; `remedy` is a command or a sentence, empty where all is well."""

    check: str
    status: Status
    said: str
    remedy: str = ""
