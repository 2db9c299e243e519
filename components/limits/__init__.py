"""What Azure allows and asks, each fact once, and the one shape of a refusal; pure Python."""
