"""The stack's settings: read once, checked against each other, before any resource exists.

`rows` has one row for each, from which everything else comes: the `config:` block of Pulumi.yaml,
docs/settings.md, what is refused, the inputs of the stack's component. Nobody else reads
`pulumi.Config`.
"""

from settings.reading import SettingsError, read
from settings.rows import Settings

__all__ = ["Settings", "SettingsError", "read"]
