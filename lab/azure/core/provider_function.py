"""Functions of providers, such as `getClientConfig`: arguments and results are camelCase."""

from collections.abc import Callable
from typing import Any

from lab.azure.core.subscription import Subscription

ProviderFunction = Callable[[Subscription, dict[str, Any]], dict[str, Any]]
