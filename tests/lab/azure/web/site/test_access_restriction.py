"""Access restrictions: whom the front end lets through, and what it logs of that."""

from pathlib import Path
from typing import Any

import pytest
import requests

from lab.azure.web.app_service import AppService, Hosted
from lab.azure.web.site.access_restriction import AccessRestrictions, complaint
from tests.lab.azure.web.front.test_front_end import as_client, get, rows
from tests.support.demo_site import RecordingAzure
from tests.support.playbooks import Playbooks, an_alert

LOG = "AppServiceIPSecAuditLogs"


def rule(address: str, action: str = "Deny", priority: int = 100) -> dict[str, Any]:
    return {"name": f"{action} it", "ipAddress": address, "action": action, "priority": priority}


def passes(address: str, *rules: dict[str, Any], default: str | None = None) -> bool:
    config: dict[str, Any] = {"ipSecurityRestrictions": list(rules)}
    if default is not None:
        config["ipSecurityRestrictionsDefaultAction"] = default
    return AccessRestrictions.of(config).verdict(address)[0]


def test_without_rules_everybody_passes() -> None:
    assert passes("203.0.113.7")
    assert not passes("203.0.113.7", default="Deny")


def test_one_rule_of_any_kind_shuts_everybody_else_out_unless_the_default_is_allow() -> None:
    assert not passes("198.51.100.1", rule("203.0.113.7/32"))
    assert passes("198.51.100.1", rule("203.0.113.7/32"), default="Allow")
    assert not passes("203.0.113.7", rule("203.0.113.7/32"), default="Allow")


def test_the_first_match_by_priority_counts() -> None:
    spared = rule("203.0.113.0/24", "Allow", priority=50)
    assert passes("203.0.113.7", rule("203.0.113.7/32"), spared)
    assert not passes("203.0.113.7", rule("203.0.113.7/32", priority=1), spared)


def test_networks_of_both_families_and_lists_of_them() -> None:
    several = rule("192.0.2.0/24,2001:db8::/32")
    assert not passes("192.0.2.255", several, default="Allow")
    assert not passes("2001:db8::7", several, default="Allow")
    assert passes("2001:db9::7", several, default="Allow")
    assert not passes("anything", rule("Any"), default="Allow")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([rule("203.0.113.7")], "CIDR"),
        ([rule("203.0.113.7/24")], "no network"),
        ([rule("203.0.113.0/24", "Refuse")], "'Refuse'"),
        ([rule("203.0.113.0/24")] * 513, "at most 512"),
    ],
)
def test_what_azure_refuses_is_named(given: list[dict[str, Any]], words: str) -> None:
    assert words in complaint({"ipSecurityRestrictions": given})
    assert not complaint({"ipSecurityRestrictions": [rule("203.0.113.0/24"), rule("Any")]})


def test_whoever_is_shut_out_gets_403_and_both_logs_say_so(
    azure: RecordingAzure, service: AppService, empty: Hosted
) -> None:
    empty.site.restrictions = AccessRestrictions.of(
        {
            "ipSecurityRestrictions": [rule("203.0.113.7/32")],
            "ipSecurityRestrictionsDefaultAction": "Allow",
        }
    )
    assert get(empty, "/", **as_client(service, "203.0.113.7")).status_code == 403
    assert get(empty, "/", **as_client(service, "203.0.113.8")).status_code == 200
    assert [each["ScStatus"] for each in rows(azure, empty)] == [403, 200]
    (denied,) = azure.table(LOG)
    assert (denied["CIp"], denied["Result"], denied["Details"]) == (
        "203.0.113.7",
        "Denied",
        "Deny it",
    )


def test_a_playbook_shuts_an_address_out_of_the_running_site_and_lets_it_in_again(
    tmp_path: Path,
) -> None:
    playbooks = Playbooks(tmp_path / "azure", run_apps=True, mode="block")
    try:
        playbooks.allow(playbooks.workflow)
        playbooks.expiring()
        service = playbooks.azure.service(AppService)
        hosted = service.site("app")
        assert hosted is not None

        def status(address: str) -> int:
            answer = requests.get(hosted.url, headers=as_client(service, address), timeout=10)
            return answer.status_code

        assert status("203.0.113.7") == 200
        playbooks.answer(an_alert("203.0.113.7"))
        assert (status("203.0.113.7"), status("203.0.113.8")) == (403, 200)
        playbooks.wait(76)
        assert status("203.0.113.7") == 200
    finally:
        playbooks.close()
