"""Words that attackers try: passwords and account names from the usual public lists."""

COMMON_PASSWORDS = (
    "123456", "password", "123456789", "12345678", "qwerty", "111111", "letmein", "abc123",
    "iloveyou", "admin", "welcome", "monkey", "dragon", "football", "sunshine", "princess",
    "Password1", "Passw0rd", "P@ssw0rd", "qwerty123", "1q2w3e4r", "zaq12wsx", "trustno1",
    "baseball", "superman", "michael", "shadow", "master", "changeme", "secret",
)  # fmt: skip

SEASONAL_PASSWORDS = ("Winter2025!", "Welcome2026")

COMMON_ACCOUNTS = (
    "admin", "administrator", "root", "test", "guest", "info", "support", "sales", "office",
    "backup", "webmaster", "helpdesk",
)  # fmt: skip

GIVEN_NAMES = (
    "adam", "alice", "andrew", "barbara", "carol", "charles", "daniel", "david", "diana", "edward",
    "emma", "frank", "george", "grace", "helen", "henry", "jack", "james", "jane", "john", "julia",
    "karen", "kevin", "laura", "linda", "lucas", "maria", "mark", "nancy", "olivia", "paul",
    "peter", "robert", "sarah", "simon", "susan", "thomas", "victor", "walter", "william",
)  # fmt: skip
