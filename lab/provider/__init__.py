"""The Pulumi providers that the real CLI talks to, and the control server behind them."""
