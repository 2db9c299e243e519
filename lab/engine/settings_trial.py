"""Would a program take its stack's settings as they are? Asked before anything is made.

The lab replaces some settings, such as a webhook by its own inbox. What stands in the stack's file
in their place reaches nobody in a rehearsal, but it would reach Azure.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from components.limits.refusal import Refusal, RefusedError
from lab.engine import program_run
from lab.engine.deploy_error import DeployError
from lab.engine.resource_monitor import ProgramLog, ResourceMonitor
from lab.engine.stack_config import Project, StackConfig, examined, replaced
from lab.engine.throwaway import throwaway


def judge(folder: Path, stack: str, given: Mapping[str, str]) -> None:
    """Runs the program in `folder` as far as its first resource; by then it has read its settings.

    RefusedError with every reason for which it refuses those of the stack's file, and those for
    which the CLI would not even start it, as far as the program does not tell them better: it knows
    what a value means. `given` stands in only for what the file does not say, or says encrypted. A
    program that fails for another reason is no matter of its settings.
    """
    project = Project.read(folder)
    stated = replaced(project, stack, given)
    own = {key: value for key, value in given.items() if key not in stated}
    config = examined(project, stack, own)
    told = _refused(project, stack, config)
    text = "\n".join(map(str, told))
    told += [
        each
        for each in config.refusals
        if each in config.untold or not _names(text, each.where.key)
    ]
    if told:
        raise RefusedError(*told)


def _refused(project: Project, stack: str, config: StackConfig) -> list[Refusal]:
    """What the program itself says of its settings."""
    with throwaway() as nowhere:
        monitor = ResourceMonitor(nowhere, project.name, stack)
        try:
            program_run.run(project, stack, config, monitor, ProgramLog(), until_resources=True)
        except DeployError:
            return []
        except RefusedError as error:
            return list(error.refusals)
    return []


def _names(text: str, key: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(key)}(?!\w)", text) is not None
