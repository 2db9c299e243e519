"""The command line is put together from the verbs' modules, and imports one of them at most."""

import subprocess
import sys

import pytest

from components.content.places import ROOT
from lab import __main__ as command_line

VERB_MODULES = {
    path.stem.rstrip("_")
    for path in (ROOT / "lab" / "verbs").glob("*.py")
    if "\ndef command(" in path.read_text(encoding="utf-8")
}


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_every_module_with_a_command_is_a_verb() -> None:
    assert set(command_line.VERBS) == VERB_MODULES


@pytest.mark.parametrize("typed", [["--help"], ["lisst"]])
def test_help_and_a_typing_error_import_no_verb(typed: list[str]) -> None:
    script = (
        "import sys; from lab.__main__ import app\n"
        f"try: app({typed!r})\n"
        "finally: print([m for m in sys.modules if m.startswith('lab.verbs')], file=sys.stderr)"
    )
    found = run(sys.executable, "-c", script)
    assert found.stderr.splitlines()[-1] == "[]"


def test_without_the_virtual_environment_it_says_which_python_to_use() -> None:
    found = run(sys.executable, "-S", "-m", "lab", "list")
    assert found.returncode == 1
    assert len(found.stderr.splitlines()) == 1
    assert "make lab" in found.stderr
    assert "has no typer" in found.stderr
