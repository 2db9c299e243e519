"""The plugin that Pulumi starts for a program in another language: `python <this folder>`."""

import sys
from pathlib import Path

from pulumi.provider.experimental import component_provider_host

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    # Python offers this folder's files as modules of their own; the package lies one above.
    sys.path[:] = [str(HERE.parent), *(each for each in sys.path if Path(each) != HERE)]
    from components.package import NAME, VERSION, offered

    component_provider_host(components=offered(), name=NAME, version=VERSION)
