"""Whose alert it is."""

from datetime import timedelta

import pytest

from lab.attribution import explained_by
from tests.lab.evidence import ACCOUNT, ATTACKER, SLUG, START, alert, attack, rule


@pytest.mark.parametrize(
    "dimensions",
    [
        {"CIp": ATTACKER},
        {"TargetUsername": ACCOUNT},
        {"TargetUsername": f" {ACCOUNT.upper()} "},
        {"Address": "2001:db8:1:2::/64"},
        {"TargetUsername": "somebody.else", "SrcIpAddr": ATTACKER},
    ],
)
def test_an_alert_that_names_the_attacker_or_the_attacked_is_the_attacks(
    dimensions: dict[str, str],
) -> None:
    known = attack(sources=(ATTACKER, "2001:db8:1:2::9"), targets=(ACCOUNT,))
    assert explained_by(alert(rule(), 10, **dimensions), SLUG, [known]) is known


@pytest.mark.parametrize(
    "dimensions",
    [
        {"CIp": "198.51.100.4"},
        {"CIp": "203.0.113.70"},
        {"TargetUsername": "ana"},
        {"Address": "2001:db8:1:3::/64"},
        {"CIp": ""},
    ],
)
def test_an_alert_that_names_somebody_else_is_nobodys(dimensions: dict[str, str]) -> None:
    known = attack(sources=(ATTACKER, "2001:db8:1:2::9"), targets=(ACCOUNT,))
    assert explained_by(alert(rule(), 10, **dimensions), SLUG, [known]) is None


def test_an_alert_before_the_attack_is_not_its_doing() -> None:
    later = attack(START + timedelta(minutes=30))
    assert explained_by(alert(rule(), 10, CIp=ATTACKER), SLUG, [later]) is None


def test_the_detections_own_attack_goes_before_others_of_the_same_address() -> None:
    other, own = attack(slug="other"), attack()
    assert explained_by(alert(rule(), 10, CIp=ATTACKER), SLUG, [other, own]) is own


def test_an_alert_of_the_whole_app_belongs_to_an_attack_in_its_window() -> None:
    known = attack(times=(0, 60))
    assert explained_by(alert(rule(), 5), SLUG, [known]) is known
    assert explained_by(alert(rule(), 40), SLUG, [known]) is None
