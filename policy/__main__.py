"""The policy pack that Pulumi starts: `python <this folder>`."""

import sys
from pathlib import Path

from pulumi_policy import PolicyPack

HERE = Path(__file__).resolve().parent

if __name__ == "__main__":
    # Python offers this folder's files as modules of their own; the package lies one above.
    sys.path[:] = [str(HERE.parent), *(each for each in sys.path if Path(each) != HERE)]
    from policy.pack import NAME, policies

    PolicyPack(name=NAME, policies=policies())
