"""Availability tests and the health check against an app that really runs, and really breaks."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lab.azure import Azure
from lab.azure.applicationinsights.availability import Availability, AvailabilityTest
from lab.azure.core.resource import Resource
from lab.azure.monitor.metric.health_probe import HealthProbe
from lab.azure.monitor.notify.common_alert_schema import payload
from lab.azure.web.app_service import AppService
from lab.clock.clock import Clock
from tests.lab.azure.conftest import START
from tests.support.monitored_stack import TABLE, a_setting
from tests.support.platform_rules import (
    PLACES,
    SINGLE,
    a_component,
    a_metric_alert,
    a_site,
    a_web_test,
    availability_criteria,
    criterion,
)

MINUTE = timedelta(minutes=1)

APP = """
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        state = open("state").read()
        body = b"all fine" if state == "fine" else b"out of order"
        self.send_response({"fine": 200, "moved": 302, "wordless": 200}.get(state, 503))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class Shop:
    """A site with a health page that does what it is told."""

    def __init__(self, azure: Azure, folder: Path) -> None:
        token = "azure-native:resources:ResourceGroup"
        self.azure = azure
        self.group = azure.resources.create(token, "group", {"location": "westeurope"})
        config = {"appCommandLine": "python app.py", "healthCheckPath": "/health"}
        self.site = a_site(azure, self.group, siteConfig=config)
        self.component = a_component(azure, self.group)
        self._folder = folder
        (folder / "app.py").write_text(APP, encoding="utf-8")
        self.says("fine")

    def says(self, state: str) -> None:
        (self._folder / "state").write_text(state, encoding="utf-8")

    def opens(self) -> None:
        hosted = self.azure.service(AppService).sites[0]
        hosted.site.run(self._folder, hosted.site.builder.image())

    def test(self, **changes: object) -> tuple[Resource, AvailabilityTest]:
        resource = a_web_test(self.azure, self.group, self.component, **changes)
        return resource, self.azure.service(Availability).tests[resource.id.lower()]

    def until(self, minutes: float) -> None:
        self.azure.clock.run_until(START + minutes * MINUTE)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    folder = tmp_path / "code"
    folder.mkdir()
    with Azure(Clock(START), state_dir=tmp_path / "azure") as azure:
        made = Shop(azure, folder)
        made.opens()
        yield made


def test_every_place_asks_at_the_frequency_and_is_seen_in_the_front_ends_log(shop: Shop) -> None:
    workspaces = shop.azure.resources.list("azure-native:operationalinsights:Workspace")
    a_setting(shop.azure, shop.site, workspaces[0])
    _, test = shop.test()
    shop.until(11)
    assert [(each.location, each.at - START, each.success) for each in test.results] == [
        (place, moment * MINUTE, True) for moment in (5, 10) for place in PLACES
    ]
    tables = shop.azure.log_tables(workspaces[0].id)
    rows = tables.query(TABLE, START + timedelta(days=1)).rows
    assert len({row["CIp"] for row in rows}) == len(PLACES)
    assert {row["CsUriStem"] for row in rows} == {"/health"}
    assert all("AppInsights" in row["UserAgent"] for row in rows)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("broken", "status 503; expected 200"),
        ("moved", "status 302; expected 200"),
        ("wordless", "text 'fine' is not on the page"),
    ],
)
def test_a_page_that_is_not_as_it_should_be_fails_after_three_attempts(
    shop: Shop, state: str, words: str
) -> None:
    _, test = shop.test()
    shop.says(state)
    shop.until(9)
    assert {each.message for each in test.results} == {words}
    assert {each.at - START for each in test.results} == {5 * MINUTE + timedelta(seconds=40)}


def test_a_failure_that_passes_is_no_failure(shop: Shop) -> None:
    _, test = shop.test()
    shop.says("broken")
    shop.until(5.1)
    shop.says("fine")
    shop.until(9)
    assert {each.success for each in test.results} == {True}
    assert len(test.results) == len(PLACES)


def test_without_retries_one_attempt_counts(shop: Shop) -> None:
    _, test = shop.test(retryEnabled=False)
    shop.says("broken")
    shop.until(5)
    assert {each.success for each in test.results} == {False}


def test_a_host_that_is_not_in_the_lab_is_not_asked(shop: Shop) -> None:
    request = {"requestUrl": "https://www.example.com/"}
    _, test = shop.test(request=request, retryEnabled=False)
    shop.until(5)
    assert {each.message for each in test.results} == {
        "www.example.com does not answer: no site of the lab has this name"
    }


def test_a_deleted_test_asks_no_more(shop: Shop) -> None:
    resource, test = shop.test()
    shop.until(5)
    shop.azure.resources.delete(resource.id)
    shop.until(20)
    assert len(test.results) == len(PLACES)


def test_its_alert_fires_when_the_app_is_down_and_resolves_when_it_is_back(shop: Shop) -> None:
    resource, _ = shop.test()
    a_metric_alert(
        shop.azure,
        shop.group,
        resource,
        scopes=[resource.id, shop.component.id],
        severity=0.0,
        criteria=availability_criteria(resource, shop.component),
    )
    shop.until(12)
    assert shop.azure.platform_alerts == []
    shop.says("broken")
    shop.until(20)
    (alert,) = shop.azure.platform_alerts
    assert alert.fired_at == START + 16 * MINUTE, "down since 12, tried at 15:00, :20 and :40"
    assert alert.targets == (shop.component.id,)
    condition = payload(alert, alert.condition)["data"]["alertContext"]["condition"]["allOf"][0]
    assert (condition["metricName"], condition["threshold"]) == ("Failed Location", "2")
    assert (condition["metricValue"], condition["webTestName"]) == (5, "health")
    shop.says("fine")
    shop.until(40)
    assert alert.resolved_at == START + 27 * MINUTE, "no failure in the window at 25, 26, 27"
    assert len(shop.azure.platform_alerts) == 1


def test_the_health_check_asks_the_app_itself_every_five_minutes(shop: Shop) -> None:
    probe = HealthProbe(shop.azure, shop.site.id)
    at = START + 10 * MINUTE
    assert probe.value(at - 5 * MINUTE, at) == 100
    shop.says("moved")
    assert probe.value(at - 5 * MINUTE, at) == 100, "asked once"
    later = at + 5 * MINUTE
    assert probe.value(later - 5 * MINUTE, later) == 0, "a redirect is no answer"
    assert probe.value(later - 15 * MINUTE, later) == 50


def test_its_alert_fires_when_the_app_says_that_it_is_ill(shop: Shop) -> None:
    health = criterion(
        metricName="HealthCheckStatus",
        timeAggregation="Average",
        operator="LessThan",
        threshold=100.0,
    )
    criteria = {"odataType": SINGLE, "allOf": [health]}
    a_metric_alert(shop.azure, shop.group, shop.site, criteria=criteria)
    shop.until(7)
    assert shop.azure.platform_alerts == []
    shop.says("broken")
    shop.until(12)
    (alert,) = shop.azure.platform_alerts
    assert alert.fired_at == START + 10 * MINUTE
    assert alert.measured == "Average of HealthCheckStatus 0 (LessThan 100)"


def test_a_site_without_code_or_health_check_has_no_such_metric(tmp_path: Path) -> None:
    with Azure(Clock(START), state_dir=tmp_path / "azure") as azure:
        token = "azure-native:resources:ResourceGroup"
        group = azure.resources.create(token, "group", {"location": "westeurope"})
        empty = a_site(azure, group, siteConfig={"healthCheckPath": "/health"})
        unchecked = a_site(azure, group, "other")
        for site in (empty, unchecked):
            assert HealthProbe(azure, site.id).value(START, START + 5 * MINUTE) is None
