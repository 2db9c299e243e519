"""Rules on any source of login events are KQL, by Microsoft's own parser."""

import pytest

from components.content import detection, login_sources
from components.content.deployed_rule import deployed
from components.content.log_columns import TABLES
from lab.check import microsoft

SLUGS = ("brute_force_from_one_address", "password_spray", "sign_in_failures_above_usual")


@pytest.mark.skipif(microsoft.modules() is None, reason="Microsoft's parser is not here")
def test_microsofts_parser_takes_the_rules_of_every_source() -> None:
    modules = microsoft.modules()
    assert modules is not None
    sources = list(login_sources.known())
    asked = {source: [source] for source in sources} | {"all": sources}
    rules = {
        f"{slug} on {name}": deployed(found).query
        for name, chosen in asked.items()
        for slug in SLUGS
        if (found := detection.load(slug, chosen)).lack is None
    }
    assert len(rules) > 2 * len(sources)
    broken = {"broken": "LoginEvents | where Nothing == 1"}
    assert list(microsoft.refusals(rules | broken, TABLES, modules)) == ["broken"]
