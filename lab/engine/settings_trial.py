"""Would a program take its stack's settings as they are? Asked before anything is made.

The lab replaces some settings, such as a webhook by its own inbox. What stands in the stack's file
in their place reaches nobody in a rehearsal, but it would reach Azure.
"""

from collections.abc import Mapping
from pathlib import Path

from lab.engine import program_run
from lab.engine.deploy_error import DeployError
from lab.engine.resource_monitor import ProgramLog, ResourceMonitor
from lab.engine.stack_config import Project, read_stack_config, replaced
from lab.engine.throwaway import throwaway


def judge(folder: Path, stack: str, given: Mapping[str, str]) -> None:
    """Runs the program in `folder` as far as its first resource; by then it has read its settings.

    RefusedError with every reason for which it refuses those of the stack's file. `given` stands in
    only for what the file does not say, or says encrypted. A program that fails for another reason
    is no matter of its settings: nothing is raised.
    """
    project = Project.read(folder)
    stated = replaced(project, stack, given)
    own = {key: value for key, value in given.items() if key not in stated}
    config = read_stack_config(project, stack, own)
    with throwaway() as nowhere:
        monitor = ResourceMonitor(nowhere, project.name, stack)
        try:
            program_run.run(project, stack, config, monitor, ProgramLog(), until_resources=True)
        except DeployError:
            return
