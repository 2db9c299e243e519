"""Why a program could not be deployed."""

from components.limits.refusal import FailedError


class DeployError(FailedError):
    """The program came as far as its resources, and did not come up."""
