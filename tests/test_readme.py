"""What the README shows works as it stands there."""

import re

from components.content.places import ROOT
from tests.conftest import Engine

PAGE = (ROOT / "README.md").read_text(encoding="utf-8")
SITE = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/shop"
    "/providers/Microsoft.Web/sites/shop"
)
LONGEST = 125
"""Lines; a newcomer reads one page."""


def test_one_part_can_be_used_in_another_stack(engine: Engine) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    given = {
        "app_id": SITE,
        "workspace_id": "workspace-id",
        "group": "shop",
        "address": "soc@contoso.com",
    }
    made = engine.deploy(lambda: exec(code, given))  # noqa: S102  # the README's own lines
    assert len(made.all("azure-native:monitor:ScheduledQueryRule")) == 2
    assert made.one("azure-native:monitor:DiagnosticSetting")["resourceUri"] == SITE


def test_it_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= LONGEST
