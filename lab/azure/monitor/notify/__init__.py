"""An alert reaches people: action groups, receivers, processing rules, messages."""
