"""All scenarios, by the name of their file."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules

from components.limits.refusal import RefusedError
from traffic import attacks, ordinary
from traffic.people import Person
from traffic.scenario import Scenario

ALL_ATTACKS, ALL_ORDINARY = GROUPS = ("attacks", "ordinary")


def attack_slugs() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(attacks.__path__)))


def ordinary_kinds() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in iter_modules(ordinary.__path__)))


def attack(slug: str, seed: int, people: Sequence[Person]) -> Scenario:
    """The attack that the detection of this slug must see."""
    _expect(slug, attack_slugs())
    _expect_people(people)
    built: Scenario = import_module(f"traffic.attacks.{slug}").scenario(seed, people)
    return built


def ordinary_kind(kind: str, seed: int, people: Sequence[Person], hours: float = 1.0) -> Scenario:
    _expect(kind, ordinary_kinds())
    _expect_people(people)
    built: Scenario = import_module(f"traffic.ordinary.{kind}").scenario(seed, people, hours)
    return built


def choose(
    names: Iterable[str], seed: int, people: Sequence[Person], hours: float = 1.0
) -> list[Scenario]:
    """Scenarios by slug or kind, each once; `attacks` and `ordinary` stand for all of theirs."""
    chosen: dict[str, Scenario] = {}
    for name in names:
        if name == ALL_ATTACKS:
            found = [attack(slug, seed, people) for slug in attack_slugs()]
        elif name == ALL_ORDINARY:
            _expect_people(people)
            found = ordinary.compose(seed, people, hours)
        elif name in ordinary_kinds():
            found = [ordinary_kind(name, seed, people, hours)]
        else:
            _expect(name, (*attack_slugs(), *ordinary_kinds(), *GROUPS))
            found = [attack(name, seed, people)]
        for scenario in found:
            chosen.setdefault(scenario.slug, scenario)
    return list(chosen.values())


def _expect(name: str, known: Sequence[str]) -> None:
    if name in known:
        return
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    raise RefusedError.of(
        f"scenario {name!r} is unknown", f"nearest is {near[0]}, all are: {', '.join(known)}"
    )


def _expect_people(people: Sequence[Person]) -> None:
    if not people:
        raise RefusedError.of("people is empty", "at least one person is needed")
