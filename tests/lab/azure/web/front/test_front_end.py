"""What reaches the app, what comes back, and what is written down about it."""

import json
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from components.content.places import ROOT
from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.front.front_end import BODY_LIMIT
from tests.support.demo_site import SITE_ID, START, RecordingAzure, start

TABLES = ROOT / "components" / "content" / "tables.json"


def get(hosted: Hosted, path: str, **headers: str) -> requests.Response:
    return requests.get(f"{hosted.url}{path}", headers=headers, timeout=30, allow_redirects=False)


def as_client(service: AppService, address: str, **headers: str) -> dict[str, str]:
    return {"X-Lab-Token": service.lab_token, "X-Lab-Client": address, **headers}


def received(answer: requests.Response) -> dict[str, str]:
    return {key.lower(): value for key, value in answer.json()["headers"]}


def rows(azure: RecordingAzure, hosted: Hosted) -> list[dict[str, Any]]:
    hosted.site.drain()
    return azure.table("AppServiceHTTPLogs")


def answer_to(hosted: Hosted, target: bytes) -> bytes:
    """The answer to a request line that no client library would send."""
    port = int(hosted.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sent:
        sent.sendall(b"GET %b HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n" % target)
        return b"".join(iter(lambda: sent.recv(65536), b""))


def raw(hosted: Hosted, target: bytes) -> dict[str, Any]:
    """What the app saw of it."""
    head, _, body = answer_to(hosted, target).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    told: dict[str, Any] = json.loads(body)
    return told


def test_a_site_without_code_shows_the_default_page(azure: RecordingAzure, empty: Hosted) -> None:
    answer = get(empty, "/health")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "waiting for your content" in answer.text
    assert [row["ScStatus"] for row in rows(azure, empty)] == [200]


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [("198.51.100.7", "198.51.100.7:{}"), ("2001:db8:0::7", "[2001:db8::7]:{}")],
)
def test_the_front_end_tells_the_app_who_asks(
    service: AppService, demo: Hosted, address: str, endpoint: str
) -> None:
    told = received(get(demo, "/", **as_client(service, address)))
    seen = endpoint.format(told["x-client-port"])
    assert told["x-forwarded-for"] == seen
    assert told["client-ip"] == seen
    assert told["x-client-ip"] == seen.rpartition(":")[0].strip("[]")
    assert told["x-forwarded-proto"] == "https"
    assert not [name for name in told if name.startswith("x-lab-")]


def test_the_app_is_asked_by_its_host_name_whatever_door_was_used(demo: Hosted) -> None:
    other = "https://elsewhere.example/page"
    own = {"Origin": demo.url, "Referer": f"{demo.url}/login?next=/"}
    told = received(get(demo, "/", **own))
    assert told["host"] == "demo.azurewebsites.net"
    assert told["origin"] == "https://demo.azurewebsites.net"
    assert told["referer"] == "https://demo.azurewebsites.net/login?next=/"
    assert received(get(demo, "/", Referer=other))["referer"] == other


def test_a_redirection_to_the_site_itself_stays_at_the_door(demo: Hosted) -> None:
    assert get(demo, "/moved/home").headers["Location"] == "/there"
    assert get(demo, "/moved").headers["Location"] == "/elsewhere"


def test_what_a_client_forges_stays_left_of_the_truth(service: AppService, demo: Hosted) -> None:
    forged = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2", "Client-IP": "192.0.2.3"}
    told = received(get(demo, "/", **as_client(service, "203.0.113.9", **forged)))
    assert told["x-forwarded-for"] == f"192.0.2.1, 192.0.2.2, {told['client-ip']}"
    assert told["client-ip"].startswith("203.0.113.9:")


@pytest.mark.parametrize("token", ["", "guessed", "gu\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_without_the_runs_token_nobody_stands_for_another(
    azure: RecordingAzure, demo: Hosted, token: str
) -> None:
    headers = {"X-Lab-Token": token.encode(), "X-Lab-Client": b"192.0.2.1"}
    answer = requests.get(demo.url, headers=headers, timeout=10)
    assert received(answer)["x-client-ip"] == "127.0.0.1"
    assert rows(azure, demo)[-1]["CIp"] == "127.0.0.1"
    assert not [name for name in received(answer) if name.startswith("x-lab-")]


def test_a_client_that_is_no_address_is_refused(service: AppService, demo: Hosted) -> None:
    answer = get(demo, "/", **as_client(service, "somebody"))
    assert (answer.status_code, answer.text) == (
        400,
        "X-Lab-Client 'somebody' is not an address; an IPv4 or IPv6 address is expected\n",
    )


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (b"/login?next=%2Faccount", "/login?next=%2Faccount"),
        (b"/a%2Fb/../c//d?q='%20OR%201=1--", "/a%2Fb/../c//d?q='%20OR%201=1--"),
        (b"//evil.example/x", "//evil.example/x"),
        (b"/x?a=1?b=2&&c", "/x?a=1?b=2&&c"),
        (b"/%zz%", "/%zz%"),
        (b"http://demo.azurewebsites.net/whole?x", "/whole?x"),
    ],
)
def test_the_target_reaches_the_app_as_it_was_sent(demo: Hosted, sent: bytes, seen: str) -> None:
    assert raw(demo, sent)["path"] == seen


@pytest.mark.parametrize("target", [b"/x?q=\xc3\xa4", b"/a b", b"no-slash", b"/\x00"])
def test_what_is_no_http_is_refused_without_a_traceback(
    demo: Hosted, target: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    status = answer_to(demo, target).split(b" ")[1]
    assert status in (b"400", b"404")
    assert caplog.records == []


def test_the_log_has_stem_and_query_apart_and_encoded(azure: RecordingAzure, demo: Hosted) -> None:
    raw(demo, b"/a%20b?id=1%27%20OR%20'1'='1")
    row = rows(azure, demo)[-1]
    assert (row["CsUriStem"], row["CsUriQuery"]) == ("/a%20b", "id=1%27%20OR%20'1'='1")


def test_a_row_has_every_column_that_azure_fills(
    azure: RecordingAzure, service: AppService, demo: Hosted
) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64)"
    headers = {"User-Agent": agent, "Referer": "https://demo.example/", "Cookie": "session=s3cret"}
    answer = requests.post(
        f"{demo.url}/login",
        data=b"12345",
        headers=as_client(service, "192.0.2.44", **headers),
        timeout=10,
    )
    row = rows(azure, demo)[-1]
    assert row.pop("CsBytes") > len(headers["User-Agent"]) + len("12345")
    assert row.pop("ScBytes") > len(answer.content)
    assert 0 <= row.pop("TimeTaken") < 10_000
    assert row == {
        "TimeGenerated": START,
        "Type": "AppServiceHTTPLogs",
        "CsMethod": "POST",
        "CsUriStem": "/login",
        "CsUriQuery": "",
        "CsHost": "demo.azurewebsites.net",
        "CsUsername": "",
        "CIp": "192.0.2.44",
        "SPort": "443",
        "UserAgent": agent,
        "Referer": "https://demo.example/",
        "Cookie": "",
        "ScStatus": 200,
        "ScSubStatus": "",
        "ScWin32Status": "",
        "Result": "Success",
        "ComputerName": "lw0sdlwk00LAB1",
        "SourceSystem": "Azure",
        "_ResourceId": SITE_ID.lower(),
        "_SubscriptionId": "00000000-0000-0000-0000-000000000000",
    }
    assert "s3cret" not in str(row)


def test_every_column_of_every_row_is_one_of_its_table(azure: RecordingAzure, demo: Hosted) -> None:
    get(demo, "/say")
    demo.site.drain()
    tables = json.loads(TABLES.read_text())
    unknown = {
        f"{table}.{column}"
        for table, written in azure.rows.items()
        for row in written
        for column in row
        if column not in tables[table]
    }
    assert azure.rows
    assert not unknown


def test_the_row_is_there_before_the_answer_is_seen(azure: RecordingAzure, demo: Hosted) -> None:
    for number in range(1, 40):
        get(demo, "/")
        assert len(rows(azure, demo)) == number


def test_methods_bodies_and_repeated_headers_pass_through(demo: Hosted) -> None:
    for method in ("PUT", "DELETE", "POST", "OPTIONS"):
        answer = requests.request(method, f"{demo.url}/x", data=b"\x00\xff body", timeout=10)
        assert (answer.json()["method"], answer.json()["body"]) == (method, "\x00\xff body")
    assert answer.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_an_answer_without_a_body_keeps_its_length(demo: Hosted) -> None:
    answer = requests.head(f"{demo.url}/x", timeout=10)
    assert int(answer.headers["Content-Length"]) > 100
    assert answer.content == b""


def test_redirects_and_compressed_answers_are_the_clients_own_affair(demo: Hosted) -> None:
    moved = get(demo, "/moved")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/elsewhere")
    packed = get(demo, "/packed")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json()["path"] == "/packed"


def test_headers_of_one_connection_do_not_travel(demo: Hosted) -> None:
    told = received(
        get(demo, "/", Connection="close, X-Only-Here", TE="trailers", **{"X-Only-Here": "1"})
    )
    assert {"te", "x-only-here"}.isdisjoint(told)


def test_an_app_that_breaks_off_is_a_bad_gateway(azure: RecordingAzure, demo: Hosted) -> None:
    assert get(demo, "/cut").status_code == 502
    assert get(demo, "/").status_code == 200
    assert [row["ScStatus"] for row in rows(azure, demo)] == [502, 200]


def test_a_body_beyond_the_limit_never_reaches_the_app(demo: Hosted) -> None:
    answer = requests.post(demo.url, data=bytes(BODY_LIMIT + 1), timeout=30)
    assert answer.status_code == 413


def test_a_stopped_site_says_so(azure: RecordingAzure, demo: Hosted) -> None:
    demo.site.settings = replace(demo.site.settings, enabled=False)
    answer = get(demo, "/")
    assert (answer.status_code, "is stopped" in answer.text) == (403, True)
    assert rows(azure, demo)[-1]["ScStatus"] == 403


def test_the_second_site_is_another_site(
    azure: RecordingAzure, service: AppService, demo: Hosted, tmp_path: Path
) -> None:
    other = service.add(replace(demo.site.settings, name="Other", resource_id=SITE_ID + "2"))
    (tmp_path / "other").mkdir()
    start(other, tmp_path / "other")
    assert get(other, "/").json()["environment"]["WEBSITE_SITE_NAME"] == "Other"
    service.drain()
    owners = [row["_ResourceId"] for row in azure.table("AppServiceHTTPLogs")]
    assert owners == [f"{SITE_ID}2".lower()]
