"""Who may do what: identities, role assignments, secrets."""
