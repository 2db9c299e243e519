"""What App Service installs: every package exact and with hashes, as requirements.in allows."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from components.content.places import APP_SOURCE, ROOT

WANTED = APP_SOURCE / "requirements.in"
LOCKED = APP_SOURCE / "requirements.txt"
APPS = (APP_SOURCE, ROOT / "examples" / "django_postgres" / "app")


@dataclass(frozen=True)
class Pin:
    """One package of the lock file."""

    requirement: Requirement
    hashes: int
    is_wanted: bool
    """Whether requirements.in itself asks for it."""

    @property
    def version(self) -> str:
        (only,) = self.requirement.specifier
        assert only.operator == "==", f"{self.requirement} is no exact version"
        return only.version


def pins(text: str) -> list[Pin]:
    found = []
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]:
        line = block.partition("\n")[0].rstrip(" \\")
        via = "-r requirements.in" in block
        found.append(Pin(Requirement(line), block.count("--hash=sha256:"), via))
    return found


def wanted(file: Path = WANTED) -> list[Requirement]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def complaints(text: str, file: Path = WANTED) -> list[str]:
    """Why a lock file is not the one of requirements.in; empty when it is."""
    found = pins(text)
    by_name: dict[str, list[Pin]] = {}
    for pin in found:
        by_name.setdefault(canonicalize_name(pin.requirement.name), []).append(pin)
    problems = [f"{pin.requirement} has no hash" for pin in found if not pin.hashes]
    for each in wanted(file):
        held = by_name.get(canonicalize_name(each.name), [])
        if not held:
            problems.append(f"{each} is not locked")
        for pin in held:
            if not each.specifier.contains(pin.version, prereleases=True):
                problems.append(f"{pin.requirement} is not what {each} asks for")
    asked = {canonicalize_name(each.name) for each in wanted(file)}
    problems += [
        f"{pin.requirement.name} is asked for no longer"
        for pin in found
        if pin.is_wanted and canonicalize_name(pin.requirement.name) not in asked
    ]
    return problems


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.parent.name)
def test_the_lock_file_is_fresh(app: Path) -> None:
    text = (app / "requirements.txt").read_text(encoding="utf-8")
    assert complaints(text, app / "requirements.in") == [], "run `make lock`"
    assert complaints("", app / "requirements.in"), "a file that locks nothing is not fresh"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("flask==", "flask==2.0.0 \\\n    --hash=sha256:0\n#", "is not what Flask"),
        ("flask==", "flaskk==", "Flask<4,>=3.1.3 is not locked"),
        ("--hash=sha256:", "--hash=md5:", "has no hash"),
    ],
)
def test_a_stale_lock_file_is_told(old: str, new: str, complaint: str) -> None:
    text = LOCKED.read_text(encoding="utf-8").replace(old, new)
    assert any(complaint in each for each in complaints(text))


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.parent.name)
def test_ranges_have_a_ceiling(app: Path) -> None:
    found = wanted(app / "requirements.in")
    assert len(found) > 3
    for each in found:
        assert any(one.operator in ("<", "==") for one in each.specifier), each
