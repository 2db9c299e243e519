"""Platform metrics of web apps, minute by minute, from what the front end logs.

Azure has them whether or not a diagnostic setting sends the log anywhere. Here they are there at
once, in Azure after a minute or two.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from lab.azure.core.subscription import Subscription

TABLE: Final = "AppServiceHTTPLogs"
_BY_STATUS: Final = {401: "Http401", 403: "Http403", 404: "Http404", 406: "Http406"}
_BY_CLASS: Final = {2: "Http2xx", 3: "Http3xx", 4: "Http4xx", 5: "Http5xx"}
COUNTED: Final = frozenset({"Requests", *_BY_STATUS.values(), *_BY_CLASS.values()})
MEASURED: Final = frozenset({*COUNTED, "HttpResponseTime"})

_SECONDS: Final = "seconds"
_MINUTE: Final = timedelta(minutes=1)


class SiteMetrics:
    """Counts by site and minute; a minute belongs to its beginning."""

    def __init__(self, _azure: Subscription | None = None) -> None:
        self._sites: dict[str, dict[datetime, Counter[str]]] = {}

    def take(self, resource_id: str, category: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Counts rows of the front end's log; others are passed over."""
        if category != TABLE:
            return
        minutes = self._sites.setdefault(resource_id.lower(), defaultdict(Counter))
        for row in rows:
            status = int(row.get("ScStatus") or 0)
            counts = minutes[row["TimeGenerated"].replace(second=0, microsecond=0)]
            counts["Requests"] += 1
            counts[_SECONDS] += row.get("TimeTaken") or 0
            for name in (_BY_STATUS.get(status), _BY_CLASS.get(status // 100)):
                if name is not None:
                    counts[name] += 1

    def value(self, site: str, metric: str, start: datetime, end: datetime) -> float | None:
        """Total of a count, average of a time, over the minutes from `start` to before `end`.

        None for an average of nothing; what is counted is 0 then.
        """
        minutes = self._sites.get(site.lower(), {})
        found: Counter[str] = Counter()
        minute = start.replace(second=0, microsecond=0)
        while minute < end:
            found.update(minutes.get(minute, {}))
            minute += _MINUTE
        if metric in COUNTED:
            return float(found[metric])
        requests = found["Requests"]
        return found[_SECONDS] / 1000 / requests if requests else None
