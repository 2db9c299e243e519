"""Log tables and their rows, and the app's own lines."""
