"""The functions that are saved in a workspace, as queries call them."""

import re

from components.content import kql_function
from components.content.kql_function import KqlFunction


class SavedFunctions:
    """A query's text with the functions that it calls before it, joined once."""

    def __init__(self) -> None:
        self._functions: dict[str, KqlFunction] = {}
        self._texts: dict[str, str] = {}

    def save(self, function: KqlFunction) -> None:
        """Keep a function that queries can call by its name."""
        self._functions[function.name] = function
        self._texts.clear()

    def forget(self, name: str) -> None:
        """Drop a function; one that is not there is no matter."""
        self._functions.pop(name, None)
        self._texts.clear()

    def text(self, kql: str) -> str:
        """The query with the saved functions that it uses before it."""
        if kql not in self._texts:
            self._texts[kql] = self._joined(kql)
        return self._texts[kql]

    def _joined(self, kql: str) -> str:
        if not self._functions:
            return kql
        declared = {name for name in self._functions if re.search(rf"\blet\s+{name}\b", kql)}
        known = {name: each for name, each in self._functions.items() if name not in declared}
        return "\n".join([*(each.as_let() for each in kql_function.used_by(kql, known)), kql])
