"""The refusal of a query, in one line and with its place."""

from collections.abc import Callable

from components.limits.refusal import NOWHERE, Refusal, RefusedError


class KustoError(RefusedError):
    """A query that cannot be run; one line, `line` is the query's own where it is known.

    `start` and `end` are the place in the query's text, in characters from 0. `column` is the
    name that is no column, where that is what is wrong.
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
    ) -> None:
        self.message = message
        self.line = line
        self.column = column
        self.start = start
        self.end = end
        self.at = at
        """Column in the line, from 1."""
        place = f"line {line}" if at is None else f"line {line}, column {at}"
        super().__init__(Refusal(NOWHERE, f"{message} ({place})" if line else message))

    def moved(self, origin: Callable[[int], int], text: str) -> "KustoError":
        """The same refusal in the text from which its own was made."""
        if self.start is None or self.end is None:
            return self
        return placed(self.message, text, origin(self.start), origin(self.end), column=self.column)


def placed(
    message: str, text: str, start: int, end: int, *, column: str | None = None
) -> KustoError:
    """A refusal of `text[start:end]`."""
    line = text.count("\n", 0, start) + 1
    at = start - text.rfind("\n", 0, start)
    return KustoError(message, line, column=column, start=start, end=end, at=at)
