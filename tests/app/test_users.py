"""Who exists, whose password it is, and that finding out costs the same for everybody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Literal

import argon2
import pytest
from login_app import users
from login_app.database import open_database
from login_app.users import Account, User, UserStore
from sqlalchemy import Engine, MetaData, func, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session


def a_store(folder: Path) -> UserStore:
    return UserStore(open_database(URL.create("sqlite", database=str(folder / "login.db"))))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[UserStore]:
    store = a_store(tmp_path)
    store.create_absent({"alice": "right"})
    yield store
    store.close()


def test_the_right_password_finds_the_account(store: UserStore) -> None:
    found = store.verify("alice", "right")
    assert found.account == Account(1, "alice")
    assert store.get(1) == found.account


@pytest.mark.parametrize(
    ("username", "password", "exists"),
    [
        ("alice", "wrong", True),
        ("alice", "", True),
        ("alice", "x" * 16_000, True),
        ("alice", "\ud800\x00", True),
        ("bob", "right", False),
        ("", "", False),
        ("Alice", "right", False),
        ("alice\x00", "right", False),
        ("\ud800", "right", False),
        ("a" * 16_000, "right", False),
        ("' OR 1=1 --", "right", False),
    ],
)
def test_anything_else_does_not(
    store: UserStore, username: str, password: str, exists: bool
) -> None:
    found = store.verify(username, password)
    assert found.account is None
    assert found.user_exists is exists


@pytest.mark.parametrize("username", ["alice", "bob", "a" * 200, "\x00"])
@pytest.mark.parametrize("password", ["right", "wrong"])
def test_exactly_one_hash_is_verified_for_every_name(
    store: UserStore, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    verified: list[str] = []

    class Counting(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            verified.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(
        users, "_HASHER", Counting(memory_cost=7 * 1024, time_cost=5, parallelism=1)
    )
    store.verify(username, password)
    assert len(verified) == 1
    assert "m=7168,t=5,p=1$" in verified[0]


def test_nobodys_hash_costs_what_a_users_hash_costs(store: UserStore) -> None:
    somebody = argon2.extract_parameters(_hash_of(store, "alice"))
    assert argon2.extract_parameters(store._nobodys_hash) == somebody


def test_a_user_that_exists_keeps_the_password(store: UserStore) -> None:
    store.create_absent({"alice": "another", "bob": "new"})
    assert store.verify("alice", "right").account
    assert store.verify("bob", "new").account


def test_a_weaker_hash_is_replaced_when_its_owner_signs_in(store: UserStore) -> None:
    weak = argon2.PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash("old")
    with Session(store._engine) as session, session.begin():
        session.add(User(username="carol", password_hash=weak))
    assert store.verify("carol", "wrong").account is None
    assert _hash_of(store, "carol") == weak
    assert store.verify("carol", "old").account
    assert "m=7168,t=5,p=1$" in _hash_of(store, "carol")
    assert store.verify("carol", "old").account


def test_several_workers_that_start_at_once_make_each_user_once(tmp_path: Path) -> None:
    workers = 4
    ready = Barrier(workers)

    def start(_: int) -> UserStore:
        ready.wait()
        store = a_store(tmp_path)
        ready.wait()
        store.create_absent({"alice": "a", "bob": "b", "carol": "c"})
        return store

    with ThreadPoolExecutor(workers) as pool:
        stores = list(pool.map(start, range(workers)))
    with Session(stores[0]._engine) as session:
        assert session.scalar(select(func.count(User.id))) == 3
    for store in stores:
        assert store.verify("alice", "a").account
        store.close()


def test_a_table_that_another_worker_makes_first_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_all = MetaData.create_all

    def create_late(self: MetaData, engine: Engine) -> None:
        create_all(self, engine)
        create_all(self, engine, checkfirst=False)

    monkeypatch.setattr(MetaData, "create_all", create_late)
    store = a_store(tmp_path)
    assert store.get(1) is None
    store.close()


@pytest.mark.parametrize("user_id", [None, 99, "1", [1]])
def test_an_id_that_is_nobodys_finds_nobody(store: UserStore, user_id: object) -> None:
    assert store.get(user_id) is None


def _hash_of(store: UserStore, username: str) -> str:
    with Session(store._engine) as session:
        return session.scalars(select(User.password_hash).where(User.username == username)).one()
