"""The refusal of a query, in one line and with its place."""

from collections.abc import Callable

from components.limits.refusal import NOWHERE, Refusal, RefusedError


class KustoError(RefusedError):
    """A query that cannot be run; one line, `line` is the query's own where it is known.

    `start` and `end` are the place in the query's text, in characters from 0. `column` is the
    name that is no column, where that is what is wrong. `kusto_takes_it`: only the lab does not.
    """

    def __init__(
        self,
        message: str,
        line: int | None = None,
        *,
        column: str | None = None,
        start: int | None = None,
        end: int | None = None,
        at: int | None = None,
        kusto_takes_it: bool = False,
    ) -> None:
        self.message = message
        self.line = line
        self.column = column
        self.start = start
        self.end = end
        self.kusto_takes_it = kusto_takes_it
        self.at = at
        """Column in the line, from 1."""
        place = f"line {line}" if at is None else f"line {line}, column {at}"
        super().__init__(Refusal(NOWHERE, f"{message} ({place})" if line else message))

    def moved(self, origin: Callable[[int], int], text: str) -> "KustoError":
        """The same refusal in the text from which its own was made."""
        if self.start is None or self.end is None:
            # Never itself: who raises it from this one would make a cause of its own.
            found = KustoError(self.message, self.line, column=self.column, at=self.at)
        else:
            start, end = origin(self.start), origin(self.end)
            found = placed(self.message, text, start, end, column=self.column)
        found.kusto_takes_it = self.kusto_takes_it
        return found


def placed(
    message: str, text: str, start: int, end: int, *, column: str | None = None
) -> KustoError:
    """A refusal of `text[start:end]`."""
    line = text.count("\n", 0, start) + 1
    at = start - text.rfind("\n", 0, start)
    return KustoError(message, line, column=column, start=start, end=end, at=at)
