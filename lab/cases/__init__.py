"""Case files and boundaries, read or made."""
