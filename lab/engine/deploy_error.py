"""Why a program could not be deployed."""

from components.limits.refusal import FailedError, RefusedError


class DeployError(FailedError):
    """A message for the person who wrote the program or its configuration; never a traceback."""


class SetUpError(DeployError):
    """The settings or the project file cannot work: nothing was tried yet."""

    exit_code = RefusedError.exit_code
