"""What a message expects instead of a name that there is not."""

import difflib
from collections.abc import Collection, Iterable
from typing import Final

_SHOWN: Final = 12
_OF_OTHERS: Final = {
    "CsUserAgent": "UserAgent",
    "ClientIp": "CIp",
    "ClientIP": "CIp",
    "IPAddress": "SrcIpAddr",
    "Timestamp": "TimeGenerated",
    "timestamp": "TimeGenerated",
    "Message": "ResultDescription",
    "LogLevel": "Level",
    "StatusCode": "ScStatus",
    "Method": "CsMethod",
    "Uri": "CsUriStem",
    "Url": "CsUriStem",
    "UserName": "TargetUsername",
    "Username": "TargetUsername",
    "UserPrincipalName": "TargetUsername",
    "EventOutcome": "EventResult",
}
"""What other tables, Application Insights and public queries call a column -> ours."""

_SIGN_INS: Final = "did you mean 'LoginEvents'?"
_PARSERS: Final = ("imAuthentication", "_Im_Authentication", "ASimAuthentication", "SigninLogs")
"""Names of sign-ins elsewhere: Microsoft's ASIM parsers and Entra's own table."""

OLD_FUNCTIONS: Final = {
    "notempty": "isnotempty",
    "arraylength": "array_length",
    "parsejson": "parse_json",
    "toobject": "parse_json",
    "parseurl": "parse_url",
    "totime": "totimespan",
    "makeset": "make_set",
    "makelist": "make_list",
    "cnt": "count",
    "count_distinct": "dcount",
    "count_distinctif": "dcountif",
    "argmax": "arg_max",
    "argmin": "arg_min",
}
"""Old and second names of functions, which Kusto takes and nobody means."""


def close(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The nearest name whatever its case; None where none is near."""
    folded = {name.casefold(): name for name in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=cutoff)
    return folded[found[0]] if found else None


def expected(word: str, known: Collection[str]) -> str:
    """The nearest of a few, or all of them."""
    if better := close(word, known):
        return f"did you mean {better!r}?"
    return f"expected one of {', '.join(known)}"


def expected_column(word: str, columns: Collection[str], own: Collection[str] = ()) -> str:
    """The nearest of the columns, or some of them."""
    other = _OF_OTHERS.get(word)
    if other in columns:
        return f"did you mean {other!r}?"
    if better := close(word, [*columns, *own]):
        return f"did you mean {better!r}?"
    shown = sorted(columns)[:_SHOWN]
    more = f" and {len(columns) - len(shown)} more" if len(columns) > len(shown) else ""
    listed = ", ".join(shown) or "none"
    return f"expected a column that there is at this step: {listed}{more}"


def expected_table(word: str, known: Collection[str]) -> str:
    """The nearest table or function."""
    if word in _PARSERS and "LoginEvents" in known:
        return _SIGN_INS
    if better := close(word, known):
        return f"did you mean {better!r}?"
    return f"expected one of {', '.join(sorted(known))}"


def expected_function(word: str, known: Collection[str]) -> str:
    """The nearest function; all of them would be no answer."""
    if word in _PARSERS and "LoginEvents" in known:
        return _SIGN_INS
    if better := close(word, known):
        return f"did you mean {better!r}?"
    return "expected a function of KQL (https://aka.ms/kql) or one that the query defines"
