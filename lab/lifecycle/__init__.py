"""What a stack undergoes after its first day: each change of it tried, and judged."""
