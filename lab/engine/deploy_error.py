"""Why a program could not be deployed."""


class DeployError(Exception):
    """A message for the person who wrote the program or its configuration; never a traceback."""


class SetUpError(DeployError):
    """The settings or the project file cannot work: nothing was tried yet."""
