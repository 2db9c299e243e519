"""The rules of `lab check`: their ids, how bad a breach is, and why.

An id never changes: allowances in queries and the records of other tools name it.
"""

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["error", "warning"]
Check = Literal["read", "parser", "execution", "lint"]

CHECKS: Final[tuple[Check, ...]] = ("read", "parser", "execution", "lint")


@dataclass(frozen=True)
class Rule:
    """What a rule asks for (`summary`), and in `why`, one sentence, what happens otherwise.

    A breach of a rule of the check `read` is bad input: the file could not be used as it is.
    """

    id: str
    check: Check
    severity: Severity
    summary: str
    why: str


def _rules(*rules: Rule) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules}


_READ = (
    Rule(
        "unreadable-file",
        "read",
        "error",
        "A file has a YAML head in // comments, and then a query.",
        "Nothing else about the file can be checked.",
    ),
    Rule(
        "bad-head",
        "read",
        "error",
        "The head has the keys that it must have, each with a value that Azure takes.",
        "A head that is not understood cannot become what is deployed.",
    ),
    Rule(
        "query-does-not-parse",
        "read",
        "error",
        "A query is KQL.",
        "Azure would refuse it when it is deployed, or at each evaluation.",
    ),
    Rule(
        "bad-case",
        "read",
        "error",
        "A case can be read, and its rows fit the log tables.",
        "A case that does not run proves nothing.",
    ),
    Rule(
        "stray-cases",
        "read",
        "error",
        "A folder of cases belongs to a detection.",
        "Cases of a detection that does not exist are never run.",
    ),
)

_ENGINES = (
    Rule(
        "unknown-column",
        "execution",
        "error",
        "Every column exists.",
        "Rules are deployed without Azure's own check: they would fail at each evaluation.",
    ),
    Rule(
        "unknown-table",
        "execution",
        "error",
        "Every table exists.",
        "Rules are deployed without Azure's own check: they would fail at each evaluation.",
    ),
    Rule(
        "microsoft-refuses",
        "parser",
        "error",
        "Microsoft's parser accepts the query over the tables' schemas.",
        "What it refuses, Azure refuses.",
    ),
    Rule(
        "kusto-refuses",
        "execution",
        "error",
        "A predicate is a bool, compared values have types that go together, a function exists and"
        " takes its arguments.",
        "Azure refuses the query: a rule with it would fail at each evaluation.",
    ),
    Rule(
        "translator-refuses",
        "execution",
        "error",
        "The query runs on empty tables in the lab.",
        "What the lab cannot run, no case and no rehearsal can prove.",
    ),
)

_QUERIES = (
    Rule(
        "no-failure-filter",
        "lint",
        "error",
        "A detection on sign-ins tells failure from success.",
        "Otherwise everybody who signs in counts as an attacker.",
    ),
    Rule(
        "path-without-query",
        "lint",
        "error",
        "Who searches CsUriStem searches CsUriQuery too.",
        "Most attacks stand in the query string, which CsUriStem does not hold.",
    ),
    Rule(
        "lookback-unlike-window",
        "lint",
        "error",
        "The head's window alone says how far back a detection looks.",
        "Azure hands the query the rows of the window and no others; a filter can only take away.",
    ),
    Rule(
        "forbidden-construct",
        "lint",
        "error",
        "A detection uses nothing that log alerts, or its frequency, forbid.",
        "Azure refuses such a rule.",
    ),
    Rule(
        "function-each-minute",
        "lint",
        "warning",
        "A detection that is evaluated every minute reads its tables itself.",
        "At PT1M Azure refuses functions that call other tables; whether that holds for a `let`"
        " inside the query is unconfirmed.",
    ),
    Rule(
        "hidden-threshold",
        "lint",
        "error",
        "The threshold stands in the head alone.",
        "A second one in the query is not seen by overrides, boundaries and tuning.",
    ),
    Rule(
        "regex-refused",
        "lint",
        "error",
        "Every regular expression is one that RE2 takes.",
        "Look-around and back references are unknown to Kusto, and the query fails.",
    ),
)

_RESULTS = (
    Rule(
        "can-never-fire",
        "lint",
        "error",
        "The query can give as many rows as the threshold asks for.",
        "A rule that counts rows which the query has already counted together stays silent for"
        " good.",
    ),
    Rule(
        "table-without-rows",
        "lint",
        "warning",
        "Something fills each table that a detection reads.",
        "A rule over an empty table is deployed, and silent whatever happens.",
    ),
    Rule(
        "too-many-alerts",
        "lint",
        "warning",
        "A value that an attacker chooses needs more than one row before it gets an alert.",
        "Azure drops what exceeds 300 alerts per evaluation, and one request each from 300"
        " addresses costs an attacker nothing.",
    ),
    Rule(
        "dimension-not-in-result",
        "lint",
        "error",
        "Each dimension is a column of the result, a text or a number.",
        "Azure cannot split by a column that the result lacks, nor by times, truth values or"
        " objects.",
    ),
    Rule(
        "measure-not-in-result",
        "lint",
        "error",
        "The measured column is a number of the result.",
        "Azure cannot aggregate a column that the result lacks, or a text.",
    ),
    Rule(
        "unbounded-dimension",
        "lint",
        "error",
        "A text that a visitor typed is cut before it becomes a dimension.",
        "It may be of any length, and each spelling would be an alert of its own.",
    ),
    Rule(
        "tables-unlike-query",
        "lint",
        "error",
        "The head names the tables that the query reads, and no others.",
        "Stacks leave out detections by the tables that their head names.",
    ),
)

_HEADS = (
    Rule(
        "window-shorter-than-delay",
        "lint",
        "error",
        "The window is at least twice the usual ingestion delay.",
        "Rows need 3 to 10 minutes to arrive; in a shorter window most are never seen.",
    ),
    Rule(
        "window-splits-bursts",
        "lint",
        "error",
        "The window holds a burst of ten minutes whole, however the evaluations fall.",
        "Rows arrive minutes late and evaluations do not wait, so a burst would be counted in"
        " parts, each below the threshold.",
    ),
    Rule(
        "description-form",
        "lint",
        "error",
        "A description is one sentence of at most 160 characters.",
        "It stands in tables and in mails.",
    ),
    Rule(
        "sentence-form",
        "lint",
        "error",
        "Blind spots and the response are whole sentences.",
        "People read them at night.",
    ),
    Rule(
        "unknown-neighbour",
        "lint",
        "error",
        "A detection that a head refers to exists.",
        "Who answers an alert would look for it in vain.",
    ),
    Rule(
        "unknown-technique",
        "lint",
        "error",
        "ATT&CK ids stand in components/content/attack_techniques.txt.",
        "Coverage is counted by them.",
    ),
    Rule(
        "rule-too-large",
        "lint",
        "error",
        "All properties of the alert rule together are at most 64 KB.",
        "Azure refuses a larger rule.",
    ),
    Rule(
        "large-query",
        "lint",
        "error",
        "The query of an alert rule has at most 16 kB with the functions it uses.",
        "Its alerts carry the query five times, and the common alert schema takes 256 kB; links of"
        " that length open nowhere.",
    ),
    Rule(
        "unused-function",
        "lint",
        "error",
        "Every function is used by some query, or makes login events of a log.",
        "It would be saved in the workspace, tested by nothing.",
    ),
)

_PROOF = (
    Rule(
        "missing-cases",
        "lint",
        "error",
        "A detection has two cases that fire, three that stay silent, and boundaries; with a"
        " threshold that Azure learns by itself, two that measure.",
        "What is not shown both ways is not known to work.",
    ),
    Rule(
        "few-silent-cases",
        "lint",
        "warning",
        "There are three silent cases for every two that fire.",
        "False alarms wear people out, and only silent cases keep them away.",
    ),
    Rule(
        "missing-attack",
        "lint",
        "error",
        "A detection of App Service's logs has an attack in traffic/attacks or a fault in"
        " lab/play/faults.",
        "A rehearsal can only show what somebody plays.",
    ),
    Rule(
        "needless-allowance",
        "lint",
        "error",
        "An allowance names a rule that is broken in its file, and gives a reason.",
        "Otherwise it would hide the next breach.",
    ),
)

RULES: Final[dict[str, Rule]] = _rules(*_READ, *_ENGINES, *_QUERIES, *_RESULTS, *_HEADS, *_PROOF)
