"""All faults, by the name of their file: what must make the detection of the same name fire."""

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from lab.play.fault import Fault
from traffic.people import Person


def slugs() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def load(slug: str, seed: int, people: Sequence[Person]) -> Fault:
    """The fault that the detection of this slug must see."""
    made: Fault = import_module(f"lab.play.faults.{slug}").fault(seed, people)
    return made
