"""What Azure accepts in a metric alert rule (Microsoft.Insights/metricAlerts 2018-03-01).

From the ARM type file, Microsoft's pages "Create a metric alert rule" and "Dynamic thresholds", and
the values that the azurerm provider of Terraform is tested with. Pure: no pulumi, no I/O.
"""

FREQUENCIES = ("PT1M", "PT5M", "PT15M", "PT30M", "PT1H")
WINDOWS = (*FREQUENCIES, "PT6H", "PT12H", "P1D")
STATIC_OPERATORS = (
    *("Equals", "GreaterThan", "GreaterThanOrEqual"),
    *("LessThan", "LessThanOrEqual"),
)
DYNAMIC_OPERATORS = ("GreaterThan", "LessThan", "GreaterOrLessThan")
AGGREGATIONS = ("Average", "Count", "Maximum", "Minimum", "Total")
SENSITIVITIES = ("Low", "Medium", "High")
SEVERITIES = range(5)

SINGLE_RESOURCE = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"
MULTIPLE_RESOURCE = "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"
WEB_TEST = "Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria"
STATIC = "StaticThresholdCriterion"
DYNAMIC = "DynamicThresholdCriterion"

SITES = "Microsoft.Web/sites"
PLANS = "Microsoft.Web/serverfarms"
DATABASES = "Microsoft.DBforPostgreSQL/flexibleServers"

# "Supported metrics", by namespace: metric -> the aggregations that mean something.
_TOTAL, _AVERAGE = ("Total",), ("Average",)
_LEVEL = ("Average", "Maximum", "Minimum")
METRICS: dict[str, dict[str, tuple[str, ...]]] = {
    SITES: {
        **dict.fromkeys(("Http2xx", "Http3xx", "Http401", "Http403", "Http404"), _TOTAL),
        **dict.fromkeys(("Http406", "Http4xx", "Http5xx", "Requests", "CpuTime"), _TOTAL),
        **dict.fromkeys(("HttpResponseTime", "HealthCheckStatus", "FileSystemUsage"), _AVERAGE),
        **dict.fromkeys(("MemoryWorkingSet", "AverageMemoryWorkingSet"), _AVERAGE),
    },
    PLANS: dict.fromkeys(
        ("CpuPercentage", "MemoryPercentage", "HttpQueueLength", "DiskQueueLength"), _AVERAGE
    ),
    DATABASES: {
        **dict.fromkeys(("cpu_percent", "memory_percent", "storage_percent"), _LEVEL),
        **dict.fromkeys(("disk_iops_consumed_percentage", "active_connections"), _LEVEL),
        **dict.fromkeys(("connections_failed", "connections_succeeded", "deadlocks"), _TOTAL),
        "is_db_alive": _LEVEL,
    },
}

# Metrics that Azure computes less often than every minute: the window must hold one value at least.
COARSEST_WINDOW = {"HealthCheckStatus": "PT5M", "FileSystemUsage": "PT6H"}
