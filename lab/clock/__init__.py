"""Lab time: the clock, its ticks, RFC 3339."""
