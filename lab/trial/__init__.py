"""Runs cases: trials, recordings, coverage."""
