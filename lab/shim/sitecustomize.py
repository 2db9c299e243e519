"""Makes a Python process follow the lab's clock; it is told nothing else and changes nothing else.

Found by Python itself when this folder is on PYTHONPATH; time-machine must be on the path too.
`time.monotonic` stays real, so that a server's own timeouts stay sane.
"""

import importlib.machinery
import importlib.util
import mmap
import os
import sys

VARIABLE = "LOGIN_MONITOR_LAB_CLOCK"
EXIT_CODE = 70


def follow(path: str) -> None:
    """Lets every question for the time be answered from the 8 bytes of the file."""
    import time_machine

    with open(path, "rb") as file:
        shared = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
    cell = memoryview(shared).cast("q")

    class LabTraveller(time_machine.Traveller):
        def time_ns(self) -> int:
            return cell[0]

    time_machine.travel(0, tick=False).start()
    # A forked worker inherits the mapping and this stack, so it follows too.
    time_machine.traveller_stack[-1] = LabTraveller(0, None, False)


def run_next_sitecustomize() -> None:
    """This module hides any other of its name: load that one as Python would have done."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [place for place in sys.path if os.path.abspath(place or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if clock := os.environ.get(VARIABLE):
    try:
        follow(clock)
    except Exception as error:
        # Python would go on with the real time, and every window and lockout would be wrong.
        os.write(2, f"{VARIABLE} {clock} cannot be followed; {error}\n".encode())
        os._exit(EXIT_CODE)
    run_next_sitecustomize()
