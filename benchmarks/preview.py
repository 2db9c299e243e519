"""Measures what the components cost the engine: `pulumi preview` of the stack dev, against the same
resources written flat in one file, and against an empty program; with the real CLI, on the lab.

`python benchmarks/preview.py [--runs N] [--write]`: the three previews alternate, so that a busy
machine slows all of them. Needs the Pulumi CLI on PATH.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from docs.generate import table, with_block  # noqa: E402 the path comes first

STACK = "dev"
_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105 Pulumi's mark of a secret in a state
_PROJECT = """\
name: {name}
description: Measured by benchmarks/preview.py.
runtime:
  name: python
  options: {{toolchain: pip, virtualenv: {virtualenv}}}
"""


class Lab:
    """A lab of its own, in a temporary folder, and the CLI on it."""

    def __init__(self, state: Path) -> None:
        self._environment = {**os.environ, "LOGIN_MONITOR_LAB": str(state)}

    def pulumi(self, program: Path, *arguments: str) -> str:
        """What the command wrote; its own complaint ends the benchmark."""
        command = [sys.executable, "-m", "lab", "pulumi", "--cwd", str(program), "-s", STACK, "--"]
        ended = subprocess.run(  # noqa: S603 our own command
            [*command, *arguments],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise SystemExit(
                f"{' '.join(arguments)} failed in {program}:\n{ended.stdout}{ended.stderr}"
            )
        return ended.stdout

    def seconds(self, program: Path) -> float:
        """How long a preview of what does not exist yet takes."""
        began = time.perf_counter()
        self.pulumi(program, "preview")
        return time.perf_counter() - began

    def resources(self, program: Path) -> list[dict[str, Any]]:
        """The state's resources, the stack and providers left out."""
        state = json.loads(self.pulumi(program, "stack", "export"))
        found = state["deployment"].get("resources", [])
        return [each for each in found if not each["type"].startswith("pulumi:")]

    def stop(self) -> None:
        subprocess.run(  # noqa: S603 our own command
            [sys.executable, "-m", "lab", "stop"],
            cwd=ROOT,
            env=self._environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def a_lab() -> Iterator[tuple[Lab, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(Path(folder, "lab"))
        try:
            yield lab, Path(folder)
        finally:
            lab.stop()


def flat_program(resources: list[dict[str, Any]]) -> str:
    """The same resources, one statement each; a value that is another's id or name refers to it."""
    lines = ["import pulumi", "import pulumi_azure_native", "import pulumi_command"]
    lines += ["import pulumi_random", ""]
    known: dict[str, str] = {}
    for number, each in enumerate(resources):
        package, module, kind = each["type"].split(":")
        if package == "login-monitor":
            continue
        name = each["urn"].rsplit("::", 1)[1]
        words = ", ".join(
            f"{_snake(key)}={_expression(value, known)}"
            for key, value in each.get("inputs", {}).items()
            if not key.startswith("__")
        )
        place = f"pulumi_{package.replace('-', '_')}.{module.split('/')[0]}"
        place = "pulumi_random" if package == "random" else place
        lines.append(f"r{number} = {place}.{kind}({name!r}, {words})")
        if package == "azure-native":
            known |= {str(each["outputs"].get("name")): f"r{number}.name"}
            known |= {each["id"]: f"r{number}.id"}
    return "\n".join(lines) + "\n"


def _expression(value: Any, known: Mapping[str, str]) -> str:
    """Python for a value; secrets become a text of no meaning."""
    if isinstance(value, Mapping):
        if _SECRET_MARK in value:
            return "pulumi.Output.secret('hidden')"
        entries = (
            f"{key!r}: {_expression(each, known)}"
            for key, each in value.items()
            if not key.startswith("__")
        )
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_expression(each, known) for each in value) + "]"
    return known.get(value, repr(value)) if isinstance(value, str) else repr(value)


def _snake(key: str) -> str:
    """As the SDK spells an input: `resourceName` of some types is `resource_name_`."""
    snake = re.sub(r"(?<!^)([A-Z])", lambda found: f"_{found[0].lower()}", key)
    return "resource_name_" if snake == "resource_name" else snake


def project(folder: Path, name: str, program: str) -> Path:
    folder.mkdir()
    settings = _PROJECT.format(name=name, virtualenv=ROOT / ".venv")
    (folder / "Pulumi.yaml").write_text(settings, encoding="utf-8")
    (folder / f"Pulumi.{STACK}.yaml").write_text("config: {}\n", encoding="utf-8")
    (folder / "__main__.py").write_text(program, encoding="utf-8")
    return folder


def measured(runs: int) -> dict[str, Any]:
    """Seconds of each preview by program, and what two `up` and a `destroy` do."""
    with a_lab() as (lab, folder):
        lab.pulumi(ROOT, "up", "--yes", "--skip-preview")
        resources = lab.resources(ROOT)
        again = json.loads(lab.pulumi(ROOT, "preview", "--json"))["changeSummary"]
        lab.pulumi(ROOT, "destroy", "--yes", "--skip-preview")
        left = len(lab.resources(ROOT))
        programs = {
            "components": ROOT,
            "flat": project(folder / "flat", "flat", flat_program(resources)),
            "empty": project(folder / "empty", "empty", "import pulumi\n"),
        }
        seconds: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(runs):
            for name, program in programs.items():
                seconds[name].append(lab.seconds(program))
    changed = {key: number for key, number in again.items() if key != "same"}
    return {
        "seconds": seconds,
        "resources": len([each for each in resources if "login-monitor:" not in each["type"]]),
        "components": len([each for each in resources if "login-monitor:" in each["type"]]),
        "changed": sum(changed.values()),
        "left": left,
    }


def figures(found: Mapping[str, Any]) -> str:
    """A table; the ratios are those of the medians."""
    median = {name: statistics.median(each) for name, each in found["seconds"].items()}
    runs = len(found["seconds"]["flat"])
    rows = [
        (
            "Resources of the stack `dev`",
            f"{found['resources']}, in {found['components']} components",
        ),
        ("Changes of a second `up`", str(found["changed"])),
        ("Left after `destroy`", str(found["left"])),
        (
            f"`pulumi preview` against the same resources flat in one file, {runs} runs each",
            f"{median['components'] / median['flat']:.2f} times "
            f"({median['components']:.1f} s, {median['flat']:.1f} s)",
        ),
        (
            "`pulumi preview` against an empty program",
            f"{median['components'] / median['empty']:.1f} times ({median['empty']:.1f} s)",
        ),
    ]
    return "From `benchmarks/preview.py`, with the real CLI on the lab, same machine.\n\n" + table(
        ("Figure", "Value"), rows
    )


def main() -> int:
    """Prints the table; `--write` puts it into docs/figures.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="previews of each program")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/figures.md")
    arguments = parser.parse_args()
    text = figures(measured(arguments.runs))
    print(text)
    if arguments.write:
        path = ROOT / "docs" / "figures.md"
        page = with_block(path.read_text(encoding="utf-8"), "engine-figures", text)
        path.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
