"""Platform metrics of a site, from the rows of its front end."""

from datetime import UTC, datetime, timedelta

import pytest

from lab.azure.monitor.metric.metrics import SiteMetrics

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
SITE = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/Shop"


def metrics(*requests: tuple[float, int, int]) -> SiteMetrics:
    """Of requests given as second, status, milliseconds."""
    found = SiteMetrics()
    rows = [
        {"TimeGenerated": T0 + timedelta(seconds=second), "ScStatus": status, "TimeTaken": taken}
        for second, status, taken in requests
    ]
    found.take(SITE, "AppServiceHTTPLogs", rows)
    found.take(SITE, "AppServiceConsoleLogs", [{"ResultDescription": "no request"}])
    return found


def value(found: SiteMetrics, metric: str, start: float = 0, end: float = 5) -> float | None:
    span = (T0 + timedelta(minutes=start), T0 + timedelta(minutes=end))
    return found.value(SITE.lower(), metric, *span)


@pytest.mark.parametrize(
    ("metric", "total"),
    [
        ("Requests", 8),
        ("Http2xx", 1),
        ("Http3xx", 1),
        ("Http4xx", 5),
        ("Http401", 1),
        ("Http403", 1),
        ("Http404", 1),
        ("Http406", 1),
        ("Http5xx", 1),
    ],
)
def test_each_status_counts_where_azure_counts_it(metric: str, total: int) -> None:
    statuses = (200, 302, 401, 403, 404, 406, 429, 503)
    assert value(metrics(*((1.0, status, 1) for status in statuses)), metric) == total


def test_a_minute_belongs_to_its_beginning_and_the_end_is_not_in_the_window() -> None:
    found = metrics((0, 200, 1), (59, 200, 1), (60, 200, 1))
    assert value(found, "Requests", 0, 1) == 2
    assert value(found, "Requests", 1, 2) == 1
    assert value(found, "Requests", 2, 3) == 0


def test_the_response_time_is_an_average_in_seconds() -> None:
    found = metrics((0, 200, 1000), (90, 200, 3000))
    assert value(found, "HttpResponseTime") == 2
    assert value(found, "HttpResponseTime", 0, 1) == 1


def test_an_average_of_no_requests_is_no_value_but_a_count_is_zero() -> None:
    assert value(metrics(), "HttpResponseTime") is None
    assert value(metrics(), "Http5xx") == 0
