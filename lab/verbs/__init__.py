"""What `python -m lab <verb>` does, one module a verb."""
