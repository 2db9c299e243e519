"""This machine: processes, servers on the loopback, private files."""
