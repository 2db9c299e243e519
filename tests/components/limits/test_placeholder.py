"""Mail domains and hosts that belong to nobody."""

import pytest

from components.limits.receiver import is_placeholder


@pytest.mark.parametrize(
    "host",
    [
        *("example.com", "EXAMPLE.org", "example.net", "mail.example.com", "example.com."),
        *("a.example", "soc.test", "x.invalid", "localhost"),
    ],
)
def test_a_reserved_name_is_a_placeholder(host: str) -> None:
    assert is_placeholder(host)


@pytest.mark.parametrize(
    "host",
    ["contoso.com", "myexample.com", "example.dev", "example.com.contoso.com", "test.de", ""],
)
def test_any_other_name_may_be_somebodys(host: str) -> None:
    assert not is_placeholder(host)
    assert is_placeholder("example.com")
