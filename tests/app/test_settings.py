"""Each refusal has a case with its message; a secret is in none of them."""

import json

import pytest
from login_app.settings import MIN_SECRET_KEY_LENGTH, Settings, SettingsError

KEY = "a-secret-of-thirty-two-characters"
GIVEN = {"SECRET_KEY": KEY, "HOME": "/home/site"}


def test_the_defaults_hold_when_only_the_key_is_given() -> None:
    settings = Settings.read(GIVEN)
    assert str(settings.database_url) == "sqlite:////home/site/login.db"
    assert settings.initial_users is None
    assert settings.initial_passwords == "change"
    assert settings.captcha == "adaptive"
    assert (settings.session_hours, settings.session_idle_minutes) == (12, 30)
    assert (settings.hash_cost.memory_kib, settings.hash_cost.passes) == (12288, 3)
    assert settings.rate_limit == "30 per minute; 2000 per day"
    assert settings.rate_limit_storage_url == "memory://"
    assert settings.app_name == "login-app"
    assert settings.port == 8000


def test_every_variable_is_read() -> None:
    settings = Settings.read(
        GIVEN
        | {
            "DATABASE_URL": "postgresql://app:pw@db.example.com/login",
            "INITIAL_USERS": json.dumps({"alice": "a password 1", "o'neill": "a password 2"}),
            "RATE_LIMIT": "5 per second; 100 per hour",
            "RATE_LIMIT_STORAGE_URL": "redis://:pw@limits.example.com:10000",
            "APP_NAME": "shop",
            "PORT": "8181",
            "CAPTCHA": "always",
            "INITIAL_PASSWORDS": "keep",
            "TRUSTED_PROXIES": "10.1.0.0/24, 2001:db8::/32",
            "SESSION_HOURS": "8",
            "SESSION_IDLE_MINUTES": "15",
            "SECOND_FACTOR_FOR": "alice, o'neill",
            "PASSWORD_HASH": "m=19456,t=2",
        }
    )
    assert settings.database_url.host == "db.example.com"
    assert settings.initial_users == {"alice": "a password 1", "o'neill": "a password 2"}
    assert settings.rate_limit == "5 per second; 100 per hour"
    assert settings.rate_limit_storage_url == "redis://:pw@limits.example.com:10000"
    assert (settings.app_name, settings.port) == ("shop", 8181)
    assert (settings.captcha, settings.initial_passwords) == ("always", "keep")
    assert [str(network) for network in settings.trusted_proxies] == [
        "10.1.0.0/24",
        "2001:db8::/32",
    ]
    assert (settings.session_hours, settings.session_idle_minutes) == (8, 15)
    assert settings.needs_second_factor("o'neill")
    assert not settings.needs_second_factor("bob")
    assert (settings.hash_cost.memory_kib, settings.hash_cost.passes) == (19456, 2)


def test_an_empty_variable_counts_as_absent() -> None:
    assert Settings.read(GIVEN | {"RATE_LIMIT": "", "PORT": " "}) == Settings.read(GIVEN)


def test_a_name_typed_with_a_combining_accent_is_the_same_user() -> None:
    settings = Settings.read(GIVEN | {"INITIAL_USERS": '{"Jose\\u0301": "twelve characters"}'})
    assert list(settings.initial_users or ()) == ["Jos\u00e9"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is missing; at least 32 random characters"),
        ("SECRET_KEY", "geheim", "SECRET_KEY has 6 characters; at least 32 random characters"),
        ("DATABASE_URL", "geheim", "DATABASE_URL cannot be read; a SQLAlchemy URL"),
        ("DATABASE_URL", "postgresql://u:geheim@db:port/x", "DATABASE_URL cannot be read"),
        ("INITIAL_USERS", '{"alice": "geheim"', "INITIAL_USERS is not JSON at position 18;"),
        ("INITIAL_USERS", '["geheim"]', "INITIAL_USERS is a JSON list; a JSON object"),
        ("INITIAL_USERS", '"geheim"', "INITIAL_USERS is a JSON str; a JSON object"),
        ("INITIAL_USERS", "[" * 100_000, "INITIAL_USERS is nested too deeply;"),
        (
            "INITIAL_USERS",
            '{"alice": ""}',
            "INITIAL_USERS has no password, or a short one, for 'alice';",
        ),
        (
            "INITIAL_USERS",
            '{"alice": 1}',
            "INITIAL_USERS has no password, or a short one, for 'alice';",
        ),
        ("INITIAL_USERS", '{"": "geheim"}', "INITIAL_USERS has the user name '';"),
        ("INITIAL_USERS", '{"a\\nb": "geheim"}', "INITIAL_USERS has the user name 'a\\nb';"),
        ("INITIAL_USERS", '{"%s": "x"}' % ("a" * 151), "1 to 150 printable characters"),
        (
            "INITIAL_USERS",
            '{"al": "geheimes Wort", "al": "geheimes Wort"}',
            "INITIAL_USERS has the user 'al' twice;",
        ),
        ("INITIAL_USERS", '{"alice": "elf Zeichen"}', "12 characters or more are expected"),
        ("INITIAL_PASSWORDS", "stay", "INITIAL_PASSWORDS 'stay' is unknown; one of change, keep"),
        ("CAPTCHA", "maybe", "CAPTCHA 'maybe' is unknown; one of off, adaptive, always is"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "TRUSTED_PROXIES has '10.0.0.1/8'; networks such as"),
        ("TRUSTED_PROXIES", "gateway", "TRUSTED_PROXIES has 'gateway'; networks such as"),
        ("SESSION_HOURS", "0", "SESSION_HOURS '0' does not do; a whole number from 1 to 720"),
        ("SESSION_IDLE_MINUTES", "1.5", "SESSION_IDLE_MINUTES '1.5' does not do; a whole number"),
        ("PASSWORD_HASH", "m=8,t=1", "PASSWORD_HASH 'm=8,t=1' does not do; KiB of memory and"),
        ("PASSWORD_HASH", "cheap", "PASSWORD_HASH 'cheap' does not do; KiB of memory and"),
        ("RATE_LIMIT", "often", "RATE_LIMIT 'often' cannot be read; a limit such as '30 per"),
        ("RATE_LIMIT", "0 per minute", "RATE_LIMIT '0 per minute' cannot be read;"),
        ("RATE_LIMIT_STORAGE_URL", "geheim", "RATE_LIMIT_STORAGE_URL cannot be read; a URL"),
        ("PORT", "http", "PORT 'http' is no port; a number from 1 to 65535"),
        ("PORT", "65536", "PORT '65536' is no port;"),
        ("PORT", "0", "PORT '0' is no port;"),
        ("PORT", "9" * 5000, "PORT '99999999999999999999' is no port;"),
    ],
)
def test_what_cannot_work_is_refused_in_one_line(key: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.read(GIVEN | {key: value})
    told = str(refused.value)
    assert message in told
    assert "\n" not in told
    assert "geheim" not in told, "a secret is in the message"
    assert told.endswith("(environment variable)")


def test_no_secret_shows_in_the_settings_own_text() -> None:
    settings = Settings.read(
        GIVEN
        | {
            "INITIAL_USERS": '{"alice": "geheimes Wort"}',
            "DATABASE_URL": "postgresql://u:geheim@db/x",
            "RATE_LIMIT_STORAGE_URL": "redis://:geheim@limits",
        }
    )
    assert "geheim" not in repr(settings)
    assert KEY not in repr(settings)


@pytest.mark.parametrize("key", ["SECRET_KEY", "DATABASE_URL", "RATE_LIMIT_STORAGE_URL"])
def test_a_reference_that_was_not_resolved_is_refused(key: str) -> None:
    reference = "@Microsoft.KeyVault(VaultName=login-vault;SecretName=secret-key)"
    assert len(reference) >= MIN_SECRET_KEY_LENGTH, "it would pass for a key that anybody knows"
    with pytest.raises(SettingsError, match=f"{key} is a Key Vault reference that was not resolv"):
        Settings.read({"SECRET_KEY": "k" * 32, key: reference})
