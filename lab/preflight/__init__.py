"""May I, can I, is it free? What a subscription says before the first `pulumi up`; read-only."""
