"""What came back for one action."""

from dataclasses import dataclass

from traffic.action import Action
from traffic.visitor import Visitor

NO_ANSWER = 0


@dataclass(frozen=True)
class Answer:
    """`status` is that of the action's last HTTP answer, 0 where none came (`error` tells why)."""

    visitor: Visitor
    action: Action
    status: int
    elapsed_s: float
    requests: int
    """HTTP requests made for the action: a login that first had to fetch the form makes two."""
    error: str = ""

    @property
    def answered(self) -> bool:
        return self.status != NO_ANSWER

    @property
    def signed_in(self) -> bool:
        """A login that was sent on to the account: failures get their form again."""
        return self.action.kind == "login" and self.status in (302, 303)
