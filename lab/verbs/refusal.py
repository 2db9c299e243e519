"""Which errors are a person's mistake, and the exit code of each."""

from components.detection import DetectionError
from components.kql_file import KqlFileError
from lab.azure.monitor.alert_rule import AlertRuleError
from lab.case_pattern import CaseError
from lab.deploy_error import DeployError, SetUpError
from lab.kusto import KustoError
from lab.login_lines import SerializerError
from lab.run_folder import BusyError
from traffic.catalogue import UnknownScenarioError

FAILED = 1
WRONG = 2

_INPUT = (
    SetUpError,
    BusyError,
    CaseError,
    DetectionError,
    KqlFileError,
    KustoError,
    UnknownScenarioError,
)
_PROGRAM = (DeployError, AlertRuleError, SerializerError)


def answer(error: Exception) -> tuple[str, int] | None:
    """Message and exit code; None for an error of our own."""
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}", WRONG
    if isinstance(error, _INPUT):
        return str(error), WRONG
    if isinstance(error, _PROGRAM):
        return str(error), FAILED
    return None
