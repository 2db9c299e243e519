"""What a person, or a step before, gave and cannot be used."""


class InputError(ValueError):
    """Its text is the whole message; the exit code is 2."""
