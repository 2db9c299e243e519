"""One site: its settings, container, build, identity and logs."""
