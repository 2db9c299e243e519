"""Login events as the app prints them: its own serializer, run once as a process for all cases."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from components.content.places import APP_SOURCE
from components.limits.refusal import FailedError
from lab.clock.rfc3339 import rfc3339

# The package's own __init__ composes the app and needs Flask; its serializer needs nothing.
_CHILD: Final = r"""
import json, re, sys, types
from datetime import datetime
package = types.ModuleType("login_app")
package.__path__ = [sys.argv[1] + "/login_app"]
sys.modules["login_app"] = package
from login_app.heartbeat import heartbeat_line
from login_app.login_events import LoginEvent, event_line
lines = []
for fields in json.load(sys.stdin):
    if "Heartbeat" in fields:
        lines.append(heartbeat_line(datetime.fromisoformat(fields["ts"]), fields["Heartbeat"]))
        continue
    named = {re.sub("(?<!^)([A-Z])", r"_\1", key).lower(): value for key, value in fields.items()}
    named["ts"] = datetime.fromisoformat(named["ts"])
    lines.append(event_line(LoginEvent(**named)))
json.dump(lines, sys.stdout)
"""


def lines(events: Sequence[tuple[datetime, Mapping[str, Any]]]) -> list[str]:
    """One line of JSON for each event: its time and its fields by their ASIM names."""
    if not events:
        return []
    return _serialized([{"ts": rfc3339(when), **_present(fields)} for when, fields in events])


def heartbeats(moments: Sequence[datetime], app_name: str) -> list[str]:
    """One line of an app's heartbeat for each moment."""
    return _serialized([{"ts": rfc3339(when), "Heartbeat": app_name} for when in moments])


def _serialized(given: Sequence[Mapping[str, Any]]) -> list[str]:
    child = subprocess.run(  # noqa: S603  # our own interpreter and our own code
        [sys.executable, "-I", "-c", _CHILD, str(APP_SOURCE)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    if child.returncode:
        last = child.stderr.strip().splitlines()[-1:] or ["no message"]
        raise FailedError.of(f"app_src/login_app/login_events.py ended with: {last[0]}")
    return [str(line) for line in json.loads(child.stdout)]


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if name == "SrcPortNumber" else str(value)
        for name, value in fields.items()
        if value not in ("", None)
    }
