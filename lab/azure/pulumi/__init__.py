"""Resource types of Pulumi's own providers: random and command."""
