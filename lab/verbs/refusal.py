"""How a verb ends that was refused something: a message and an exit code, no traceback."""

from components.limits.refusal import RefusedError


def answer(error: Exception) -> tuple[str, int] | None:
    """Message and exit code; None for an error of our own."""
    if isinstance(error, RefusedError):
        return str(error), error.exit_code
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}", RefusedError.exit_code
    return None
