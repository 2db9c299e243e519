"""Metrics, and the rules and probes that watch them."""
