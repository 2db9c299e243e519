"""What the scalar functions of kql/functions make of text, in the lab's engine."""

import ast
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from urllib.parse import quote

import pytest

from components.content import kql_function
from lab.logs.log_tables import LogTables

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
# Without % and \: a text of its own that looks encoded is decoded too.
PRINTABLE = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in "%\\"]

Apply = Callable[[str, list[str]], list[str]]


@pytest.fixture(scope="module")
def apply() -> Apply:
    """Applies a function to texts, in their order."""
    functions = kql_function.load_all()

    def applied(name: str, texts: list[str]) -> list[str]:
        tables = LogTables()
        rows = [
            {"TimeGenerated": NOW, "ScStatus": number, "CsUriQuery": text}
            for number, text in enumerate(texts)
        ]
        tables.write("AppServiceHTTPLogs", rows, NOW)
        kql = (
            f"{functions[name].as_let()}\nAppServiceHTTPLogs | order by ScStatus asc"
            f" | project Out = {name}(CsUriQuery)"
        )
        found = [str(row["Out"]) for row in tables.query(kql, NOW).rows]
        tables.close()
        return found

    return applied


def test_decoding_undoes_encoding_however_often(apply: Apply) -> None:
    dice = Random(7)  # noqa: S311  # test data
    plain = ["".join(dice.choices(PRINTABLE, k=dice.randrange(1, 40))) for _ in range(300)]
    encoded = plain
    for _ in range(3):
        encoded = [quote(text, safe="") for text in encoded]
        assert apply("DecodeUrl", encoded) == [text.lower() for text in plain]


@pytest.mark.parametrize(
    ("text", "decoded"),
    [
        ("%27", "'"),
        ("%252527", "'"),
        ("%%32%37", "'"),
        ("%u0027", "'"),
        ("\\u0027", "'"),
        ("%uff07%uff33", "'s"),
        ("%c0%a7", "'"),
        ("%e0%80%a7", "'"),
        ("%f0%80%80%a7", "'"),
        ("%c1%93%c1%b3", "ss"),
        ("%ef%bc%87%ef%bc%b3%ef%bd%93%ef%bc%bf", "'ss_"),
        ("%e2%80%99%ca%bc", "''"),
        ("a%09b%c2%a0c%a0d", "a b c d"),
        ("a%0d%0ab", "a\r\rb"),
        ("100%", "100%"),
        ("%zz%2", "%zz%2"),
        ("%5C%22", '\\"'),
        ("SELECT", "select"),
    ],
)
def test_decoding_knows_the_ways_to_write_a_character(
    apply: Apply, text: str, decoded: str
) -> None:
    assert apply("DecodeUrl", [text]) == [decoded]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1’ or `a`", "1' or a "),
        ('1" or "a', "1' or 'a"),
        ("un/**/ion/*x*/select", "un ion select\nunionselect"),
        ("1&#39; or &apos;", "1' or '"),
        ("1--x\runion#y\rselect", "1 union select"),
        ("1 /*!50000union*/ select", "1 union select"),
        ("1'&&1", "1' and 1"),
        ("a\t \x0b b", "a b"),
        ("one\ntwo", "one\ntwo"),
        ("';%00", "';#"),
        ("un%00ion", "union"),
        ("1/*!12345union/*!31337select", "1 union select"),
    ],
)
def test_a_database_reads_it_in_each_of_its_spellings(apply: Apply, text: str, read: str) -> None:
    assert apply("SqlReadings", [text]) == [read]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("scr%00ipt", "script"),
        (r"\x3cscript\x3e", "%3cscript%3e"),
        (r"del\x09q1\x20#", "del q1 #"),
        (r"'\x0auname", "'\runame"),
        ("jav&tab;ascript&colon;", "javascript:"),
        ("jav&#9ascript&#10;", "javascript"),
        ("j&#97v", "j&#97v"),
        ("&lt;b&gt;&quot;", "<b>'"),
        ("..%u2215..%c0%2f", "../../"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_request_text_has_one_spelling(apply: Apply, text: str, read: str) -> None:
    assert apply("RequestText", [text]) == [read]


def test_an_account_has_one_name(apply: Apply) -> None:
    spellings = ["Anna", " anna ", "ANNA\t"]
    assert apply("AccountKey", spellings) == ["anna"] * 3
    assert apply("AccountKey", ["x" * 500]) == ["x" * 64]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:0:7:1:2:3:4", "2001:db8:0:7::/64"),
        ("2001:db8:0:7::1", "2001:db8:0:7::/64"),
        ("2001:db8::1", "2001:db8::/64"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_an_ipv6_address_stands_for_its_network(apply: Apply, address: str, network: str) -> None:
    assert apply("SourceNetwork", [address]) == [network]


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:bad:7:1:2:3:4", "2001:db8:bad::/48"),
        ("2001:db8:bad::1", "2001:db8:bad::/48"),
        ("2001:db8::1", "2001:db8::/48"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_an_address_stands_for_the_block_that_it_is_rented_in(
    apply: Apply, address: str, block: str
) -> None:
    assert apply("SourceBlock", [address]) == [block]


def test_a_source_is_named_by_its_address_or_by_what_holds_its_addresses() -> None:
    found = kql_function.load_all()["AddressOrBlock"]
    tables = LogTables()
    rows = [
        {"TimeGenerated": NOW, "ScStatus": 1, "CIp": low, "UserAgent": high}
        for low, high in (("192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:db8::2"))
    ]
    tables.write("AppServiceHTTPLogs", rows, NOW)
    kql = (
        f"{found.as_let()}\nAppServiceHTTPLogs | order by CIp asc"
        ' | project Out = AddressOrBlock(CIp, UserAgent, "2001:db8::/64")'
    )
    outs = [row["Out"] for row in tables.query(kql, NOW).rows]
    tables.close()
    assert outs == ["192.0.2.7", "2001:db8::/64"]


# A line of the console, and the result, account and address that it tells.
LINES = {
    "WARNING:app:LOGIN_FAILED username=bob ip=203.0.113.9:50000 time=2026-01-05 08:00:00.000001": (
        *("Failure", "bob", "203.0.113.9"),
    ),
    "WARNING:app:Failed login attempt for user: bob": ("Failure", "bob", ""),
    "[2026-01-05 08:00:00,123] WARNING in app: Login failed for user 'bob' from 203.0.113.9": (
        *("Failure", "bob", "203.0.113.9"),
    ),
    "INFO:app:Successful login for user: bob": ("Success", "bob", ""),
    "Failed login attempt for username: 'bob'.": ("Failure", "bob", ""),
    "Failed login attempt for: bob@example.com": ("Failure", "bob@example.com", ""),
    "Failed login attempt for 'bob' from 203.0.113.9": ("Failure", "bob", "203.0.113.9"),
    "Login failed: user=bob ip=203.0.113.9": ("Failure", "bob", "203.0.113.9"),
    "Invalid login attempt - Username: bob, IP: 203.0.113.9": ("Failure", "bob", "203.0.113.9"),
    "LOGIN_SUCCESS username=bob ip=203.0.113.9:1": ("Success", "bob", "203.0.113.9"),
    "User bob logged in successfully": ("Success", "bob", ""),
    "bob logged in": ("Success", "bob", ""),
    "Login successful for bob": ("Success", "bob", ""),
    "Failed login for user bob from IP 2001:db8::7": ("Failure", "bob", "2001:db8::7"),
    "Failed login attempt from 203.0.113.9 for user bob": ("Failure", "bob", "203.0.113.9"),
    "Unsuccessful login of account bob (203.0.113.9)": ("Failure", "bob", "203.0.113.9"),
    "Failed login attempt": ("Failure", "", ""),
    "Failed login attempt for unknown user from 203.0.113.9": ("Failure", "", "203.0.113.9"),
    "Invalid credentials for user: bob": ("Failure", "bob", ""),
    # A name that somebody typed frames nobody where the line ends with the address.
    "Failed login attempt for user: 198.51.100.1": ("Failure", "198.51.100.1", ""),
    "Login failed for user 'x from 198.51.100.1' from 203.0.113.9": (
        *("Failure", "x", "203.0.113.9"),
    ),
    "ip=203.0.113.9 login failed user=bob ua=Mozilla/5.0 Chrome/143.0.0.0 Safari/537.36": (
        *("Failure", "bob", "203.0.113.9"),
    ),
}
NO_SIGN_IN = (
    '127.0.0.1 - - [05/Jan/2026 08:00:00] "POST /login?login=failed HTTP/1.1" 401 -',
    '{"EventSchema": "Authentication", "note": "Failed login attempt for user: bob"}',
    'psycopg.OperationalError: FATAL: password authentication failed for user "app"',
    "You are not logged in",
    "User bob logged out",
    "Login page shown to bob",
    "INFO:app:Login attempt for user: bob",
    "Booting worker with pid: 7",
    "",
)


def test_a_plain_line_tells_a_sign_in(apply: Apply) -> None:
    told = [tuple(ast.literal_eval(each)) for each in apply("LoginLine", list(LINES))]
    assert dict(zip(LINES, told, strict=True)) == LINES


def test_lines_that_only_sound_so_tell_none(apply: Apply) -> None:
    assert [ast.literal_eval(each)[0] for each in apply("LoginLine", list(NO_SIGN_IN))] == [""] * 9


def test_pages_that_forms_of_a_sign_in_are_sent_to(apply: Apply) -> None:
    pages = ["/login", "/wp-login.php", "/accounts/login/", "/api/v1/Sign-In", "/oauth/token"]
    others = ["/", "/login/help", "/blog/logging", "/authors", "/api/tokens", "/signup"]
    found = apply("IsLoginPage", [*pages, *others])
    assert found == ["True"] * len(pages) + ["False"] * len(others)
