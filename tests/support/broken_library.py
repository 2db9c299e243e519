"""A library of one detection in which nothing is wrong, and what a test changes about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from components.content import places
from lab.check import run
from lab.check.run import Places, Report

SLUG = "failures_of_one_address"
DETECTION = f"kql/detections/{SLUG}.kql"
FUNCTION = "kql/functions/LoginEvents.kql"
CASES = f"cases/{SLUG}"
HEAD: dict[str, object] = {
    "name": "Failures of one address",
    "description": "One address fails to sign in again and again.",
    "severity": 2,
    "status": "stable",
    "frequency": "PT5M",
    "window": "PT1H",
    "measure": {"column": "Failures", "aggregation": "Total"},
    "operator": "GreaterThanOrEqual",
    "threshold": 20,
    "dimensions": ["SrcIpAddr"],
    "tables": ["AppServiceConsoleLogs"],
    "attack": ["T1110.001"],
    "confidence": 2,
    "false_positives": [],
    "blind_spots": ["Fewer failures."],
    "response": "Block the address.",
}
BODY = """LoginEvents
| where EventType == "Logon" and EventResult == "Failure"
| summarize Failures = count() by SrcIpAddr"""
CASE = """events:
  - times: 20
    event: {SrcIpAddr: 198.51.100.7}
"""
WEB_BODY = """AppServiceHTTPLogs
| where ScStatus == 404
| summarize Failures = count() by CIp"""


@dataclass(frozen=True)
class Change:
    """Keys of the head with other values (None takes one away), another body, other files."""

    head: Mapping[str, object] = field(default_factory=dict)
    body: str = BODY
    files: Mapping[str, str | None] = field(default_factory=dict)


def on_web(body: str = WEB_BODY, **head: object) -> Change:
    """The detection over the web server's log."""
    return Change(
        {"tables": ["AppServiceHTTPLogs"], "dimensions": ["CIp"], **head},
        body,
        {FUNCTION: None, **boundary("request", "CIp")},
    )


def boundary(kind: str, column: str) -> dict[str, str]:
    """The seed of the boundaries for another dimension."""
    unit = {"unit": {kind: {column: "198.51.100.7"}}, "split": {column: "198.51.100.8"}}
    return {f"{CASES}/boundary.yaml": yaml.safe_dump(unit)}


def write(place: Path, change: Change = Change()) -> Places:
    """The library with the change, in a folder of its own."""
    files: dict[str, str | None] = {
        DETECTION: detection_text(change.head, change.body),
        FUNCTION: (places.KQL / "functions" / "LoginEvents.kql").read_text(encoding="utf-8"),
        "attacks/__init__.py": "",
        f"attacks/{SLUG}.py": "",
        **{f"{CASES}/fires_{name}.yaml": CASE for name in ("one", "two")},
        **{f"{CASES}/silent_{name}.yaml": CASE for name in ("one", "two", "three")},
        **boundary("event", "SrcIpAddr"),
        **change.files,
    }
    for name, text in files.items():
        if text is not None:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
    return Places(place / "kql", place / "cases", place / "attacks", place / "faults")


def detection_text(head: Mapping[str, object], body: str) -> str:
    """A detection's file."""
    merged = {key: value for key, value in {**HEAD, **head}.items() if value is not None}
    lines = yaml.safe_dump(merged, sort_keys=False, width=1000).splitlines()
    return "\n".join([*(f"// {line}" for line in lines), "", body, ""])


def checked(place: Path, change: Change = Change()) -> Report:
    """The report on the library with the change."""
    return run.check(places=write(place, change))
