"""A patient scanner goes through a word list, too slowly for any burst."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "not_found_scan"

_WORDS = (
    "about", "archive", "assets", "billing", "board", "budget", "calendar", "catalog", "cellar",
    "center", "charts", "claims", "clients", "codes", "contracts", "courses", "crew", "data",
    "deals", "demo", "depot", "desk", "drafts", "events", "export", "files", "forms", "gallery",
    "guests", "hr", "import", "inbox", "intern", "inventory", "invoices", "jobs", "journal",
    "keys", "lab", "legal", "library", "lists", "mail",
)  # fmt: skip


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(7)[dice.randrange(13, 19)]),
        user_agent=dice.choice(user_agents.DESKTOP),
    )
    visit = Visit(attacker, 0.0, dice)
    for word in _WORDS:
        visit.get(f"/{word}", (55.0, 75.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="One address asks for a page that does not exist about once a minute.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
