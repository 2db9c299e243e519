"""Which errors are a person's mistake, and the exit code of each."""

from components.content.attack_coverage import ProofError
from components.content.detection import DetectionError
from components.content.kql_file import KqlFileError
from lab.azure.monitor.log_search.alert_rule import AlertRuleError
from lab.cases.case_pattern import CaseError
from lab.engine.deploy_error import DeployError, SetUpError
from lab.exchange.export_folder import ExportError
from lab.exchange.sentinel_file import SentinelError
from lab.kusto.kusto_error import KustoError
from lab.logs.login_lines import SerializerError
from lab.rehearsal.run_folder import BusyError
from lab.tuning.attacks import AttacksError
from lab.verbs.backtest import BacktestError
from traffic.catalogue import UnknownScenarioError

FAILED = 1
WRONG = 2

_INPUT = (
    SetUpError,
    BusyError,
    CaseError,
    DetectionError,
    ExportError,
    AttacksError,
    BacktestError,
    KqlFileError,
    KustoError,
    ProofError,
    SentinelError,
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
