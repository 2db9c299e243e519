"""Would a program take its stack's settings as they are? Asked before anything is made.

The lab replaces some settings, such as a webhook by its own inbox. What stands in the stack's file
in their place reaches nobody in a rehearsal, but it would reach Azure.
"""

import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lab.azure import Azure
from lab.clock.clock import Clock
from lab.engine import program_run
from lab.engine.deploy_error import DeployError, SetUpError
from lab.engine.resource_monitor import ProgramLog, Registrar
from lab.engine.stack_config import Project, read_stack_config, replaced

_ANY_TIME: Final = datetime(2026, 1, 5, tzinfo=UTC)


def judge(folder: Path, stack: str, given: Mapping[str, str]) -> None:
    """Runs the program in `folder` as far as its first resource; by then it has read its settings.

    SetUpError with every reason for which it refuses those of the stack's file. `given` stands in
    only for what the file does not say, or says encrypted. A program that fails for another reason
    is no matter of its settings: nothing is raised.
    """
    try:
        project = Project.read(folder)
        stated = replaced(project, stack, given)
        own = {key: value for key, value in given.items() if key not in stated}
        config = read_stack_config(project, stack, own)
    except DeployError as error:
        raise SetUpError(str(error)) from error
    with (
        tempfile.TemporaryDirectory() as scratch,
        Azure(Clock(_ANY_TIME), state_dir=Path(scratch), run_apps=False) as nowhere,
    ):
        registrar = Registrar(nowhere, project.name, stack)
        try:
            program_run.run(project, stack, config, registrar, ProgramLog(), until_resources=True)
        except SetUpError:
            raise
        except DeployError:
            return
