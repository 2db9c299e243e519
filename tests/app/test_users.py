"""Who exists, whose password it is, and that finding out costs the same for everybody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import argon2
import pytest
from login_app import initial_users
from login_app.database import migrate, open_database
from login_app.passwords import Passwords
from login_app.schema import User
from login_app.settings import HashCost
from login_app.users import UserStore
from sqlalchemy import Engine, select, update
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

PASSWORD = "down the rabbit hole"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(URL.create("sqlite", database=str(tmp_path / "login.db")))
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> UserStore:
    passwords = Passwords(HashCost())
    initial_users.apply(engine, passwords, {"alice": PASSWORD}, must_change=False)
    return UserStore(engine, passwords)


def test_the_right_password_finds_the_account(store: UserStore) -> None:
    found = store.verify("alice", PASSWORD)
    assert found.is_right
    assert found.account
    assert (found.account.id, found.account.username) == (1, "alice")
    assert store.get(1) == found.account


@pytest.mark.parametrize(
    ("username", "password", "exists"),
    [
        ("alice", "wrong", True),
        ("alice", "", True),
        ("alice", "x" * 16_000, True),
        ("alice", "\ud800\x00", True),
        ("bob", PASSWORD, False),
        ("", "", False),
        ("Alice", PASSWORD, False),
        ("alice\x00", PASSWORD, False),
        ("\ud800", PASSWORD, False),
        ("a" * 16_000, PASSWORD, False),
        ("' OR 1=1 --", PASSWORD, False),
    ],
)
def test_anything_else_does_not(
    store: UserStore, username: str, password: str, exists: bool
) -> None:
    found = store.verify(username, password)
    assert not found.is_right
    assert (found.account is not None) is exists


class Counting(argon2.PasswordHasher):
    verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.verified.append(str(hash))
        return super().verify(hash, password)


@pytest.mark.parametrize("username", ["alice", "bob", "a" * 200, "\x00"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_exactly_one_hash_is_verified_for_every_name(
    store: UserStore, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    Counting.verified = []
    counting = Counting(memory_cost=12 * 1024, time_cost=3, parallelism=1)
    monkeypatch.setattr(store._passwords, "_hasher", counting)
    store.verify(username, password)
    assert len(counting.verified) == 1
    assert "m=12288,t=3,p=1$" in counting.verified[0]


@pytest.mark.parametrize(
    "stored",
    [
        "$2b$12$C6UzMDM.H6dfI/f/IKcEeO3nq0vHBeMSJ1n3ZJr0mKxyHqTnkkfAa",
        "pbkdf2:sha256:1000000$abc$def",
        "$argon2id$v=19$m=12288,t=3,p=1$cut",
        "",
        "plain",
    ],
)
def test_a_hash_of_another_kind_is_a_wrong_password_that_costs_as_much(
    engine: Engine,
    store: UserStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    stored: str,
) -> None:
    with engine.begin() as connection:
        connection.execute(update(User).values(password_hash=stored))
    Counting.verified = []
    counting = Counting(memory_cost=12 * 1024, time_cost=3, parallelism=1)
    monkeypatch.setattr(store._passwords, "_hasher", counting)
    assert not store.verify("alice", PASSWORD).is_right
    assert counting.verified[-1].startswith("$argon2id$v=19$m=12288,t=3,p=1$"), "no work was done"
    assert [record.levelname for record in caplog.records] == ["ERROR"] * bool(stored)
    assert stored not in caplog.text or not stored


def test_another_cost_is_taken_over_when_the_owner_signs_in(
    engine: Engine, store: UserStore
) -> None:
    weak = argon2.PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
    with engine.begin() as connection:
        connection.execute(update(User).values(password_hash=weak))
    assert not store.verify("alice", "wrong").is_right
    assert _hash_of(engine) == weak
    assert store.verify("alice", PASSWORD).is_right
    assert "m=12288,t=3,p=1$" in _hash_of(engine)
    assert store.verify("alice", PASSWORD).is_right


def test_a_database_that_may_only_be_read_keeps_nobody_out_for_that(
    engine: Engine, store: UserStore, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    weak = argon2.PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(PASSWORD)
    with engine.begin() as connection:
        connection.execute(update(User).values(password_hash=weak))
    reading = open_database(
        URL.create(
            "sqlite",
            database=f"file:{tmp_path / 'login.db'}",
            query={"mode": "ro", "uri": "true"},
        )
    )
    assert UserStore(reading, Passwords(HashCost())).verify("alice", PASSWORD).is_right
    assert caplog.messages == ["a hash could not be renewed: OperationalError"]
    reading.dispose()


@pytest.mark.parametrize("user_id", [None, 99, "1", [1]])
def test_an_id_that_is_nobodys_finds_nobody(store: UserStore, user_id: object) -> None:
    assert store.get(user_id) is None


def _hash_of(engine: Engine) -> str:
    with Session(engine) as session:
        return session.scalars(select(User.password_hash)).one()
