"""An attack that the app itself has stopped: who never gets in leaves nothing to tell of."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from components.content import kql_function
from lab.logs.log_tables import LogTables
from lab.play.fault import Fault
from lab.play.timetable import Appearance

_QUESTION: Final = "LoginEvents | where IsTry"
_ARRIVED: Final = timedelta(days=2)
_INSTANT: Final = timedelta(microseconds=1)


def why_kept_out(attack: Appearance, tables: LogTables, passwords: Mapping[str, str]) -> str:
    """Why an attack that knew a right password did not get in with it; '' where it did.

    Only where the app turned tries away and said so, by a lockout or a limit: a sign-in that is
    merely broken is no reason. `passwords` are the right ones by account.
    """
    scenario = attack.scenario
    if isinstance(scenario, Fault):
        return ""
    known = {
        action.username.lower()
        for action in scenario.actions
        if action.kind == "login" and passwords.get(action.username) == action.password
    }
    if not known:
        return ""
    functions = kql_function.used_by(_QUESTION, kql_function.load_all())
    text = "\n".join([*(each.as_let() for each in functions), _QUESTION])
    read = tables.query(text, attack.end + _ARRIVED, attack.start - _INSTANT).rows
    own = [row for row in read if row.get("SrcIpAddr") in scenario.sources]
    tried = [row for row in own if str(row.get("TargetUsername", "")).lower() in known]
    if any(row.get("EventResult") == "Success" for row in tried):
        return ""
    turned = Counter(word for row in tried if (word := _turned_away(row)))
    if not turned:
        return ""
    ((word, count),) = turned.most_common(1)
    looked_at = len(tried) - turned.total()
    return (
        f"the app stopped the attack: after {looked_at} tries it turned {count} away ({word}),"
        " and nobody got in"
    )


def _turned_away(row: Mapping[str, Any]) -> str:
    if row.get("EventResultDetails") == "User locked":
        return "User locked"
    return "RateLimited" if row.get("EventOriginalResultDetails") == "RateLimited" else ""
