"""What somebody's own alert rule is worth: tried on the lab's attacks and on ordinary days."""
