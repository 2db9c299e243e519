"""A rehearsal: deploy, traffic, verdict, and what is kept of it."""
