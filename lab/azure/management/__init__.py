"""Azure Resource Manager's own door, for real clients: what they read of a subscription."""
