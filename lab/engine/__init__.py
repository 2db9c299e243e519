"""Runs the Pulumi program: in this process, or by the real CLI."""
