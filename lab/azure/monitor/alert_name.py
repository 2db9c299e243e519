"""What an alert rule may be called."""

from typing import Final

from lab.azure.core.name_rule import NameRule

ALERT_NAME: Final = NameRule(
    1,
    260,
    r"[^*#&+:<>?@%{}\\/|]*[^*#&+:<>?@%{}\\/| .]",
    r"none of *#&+:<>?@%{}\/|, no dot at the end",
)
"""Of metric alerts and activity-log alerts."""
