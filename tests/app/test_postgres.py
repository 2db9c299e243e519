"""The app on a real PostgreSQL: its users, its start, its sign-in as a managed identity."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from login_app import initial_users
from login_app.database import migrate, one_at_a_time, open_database
from login_app.passwords import Passwords
from login_app.schema import User
from login_app.settings import HashCost, Settings, SettingsError
from login_app.users import UserStore
from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from lab.azure.dbforpostgresql.server import PostgresServer
from tests.app.conftest import BuildApp
from tests.support import servers
from tests.support.app_server import Visitor, running

pytestmark = [pytest.mark.postgres, servers.needs_postgres]

USERS = {f"person{number}": "a long passphrase" for number in range(4)}
Running = tuple[PostgresServer, str]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with servers.postgres(tmp_path_factory.mktemp("postgres")) as made:
        yield made


@pytest.fixture
def database_url(server: Running, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of the test's own."""
    running_server, url = server
    name = f"test_{abs(hash(request.node.name))}"
    running_server.create_database(name)
    yield url.replace("/logins?", f"/{name}?")
    running_server.drop_database(name)


def a_database(url: str) -> Engine:
    """With its tables."""
    engine = open_database(make_url(url))
    migrate(engine)
    return engine


def test_whoever_signs_in_next_finds_the_accounts_of_before(
    server: Running, database_url: str
) -> None:
    """A stack whose app is to sign in as its identity, and no longer with a password."""
    server[0].create_role("identity", "anything", administrator=True)
    first = a_database(database_url)
    initial_users.apply(first, Passwords(HashCost()), USERS, must_change=False)
    first.dispose()
    parts = make_url(database_url).set(username="identity", password="anything")
    second = open_database(parts)
    migrate(second)
    with second.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM users")) == len(USERS)
        connection.execute(text("ALTER TABLE users ADD COLUMN later integer"))
        connection.execute(text("CREATE TABLE more (id serial PRIMARY KEY)"))
    migrate(second)
    second.dispose()
    again = a_database(database_url)
    with again.begin() as connection:
        connection.execute(text("INSERT INTO more DEFAULT VALUES"))
    again.dispose()
    server[0].drop_role("identity")


def test_several_instances_that_start_at_once_make_each_user_once(database_url: str) -> None:
    instances = 6
    ready = Barrier(instances)

    def start(_: int) -> tuple[Engine, int]:
        engine = open_database(make_url(database_url))
        ready.wait()
        with one_at_a_time(engine):
            migrate(engine)
            made = initial_users.apply(engine, Passwords(HashCost()), USERS, must_change=False)
        return engine, len(made)

    with ThreadPoolExecutor(instances) as pool:
        started = list(pool.map(start, range(instances)))
    assert sorted(made for _, made in started) == [0] * (instances - 1) + [len(USERS)]
    with Session(started[0][0]) as session:
        assert session.scalar(select(func.count(User.id))) == len(USERS)
    for engine, _ in started:
        engine.dispose()


@pytest.mark.parametrize("name", ["person0\x00", "\ud800", "' OR 1=1 --", "a" * 16_000])
def test_a_name_that_no_column_can_hold_is_nobodys(database_url: str, name: str) -> None:
    engine = a_database(database_url)
    assert UserStore(engine, Passwords(HashCost())).verify(name, "anything").account is None
    engine.dispose()


def test_the_deployed_app_keeps_its_users_there(database_url: str, tmp_path: Path) -> None:
    given = {"SECRET_KEY": "k" * 32, "DATABASE_URL": database_url}
    users = json.dumps(USERS)
    with running(tmp_path, INITIAL_USERS=users, **given) as first, Visitor(first) as visitor:
        assert visitor.sign_in("person1", USERS["person1"]).status_code == 302
        assert visitor.sign_in("person1", "wrong").status_code == 401
    with running(tmp_path, **given) as second, Visitor(second) as visitor:
        assert visitor.sign_in("person1", USERS["person1"]).status_code == 302
    assert not (tmp_path / "login.db").exists()


def test_health_tells_that_the_database_went_away(tmp_path: Path, build_app: BuildApp) -> None:
    with servers.postgres(tmp_path) as (_, url):
        app = build_app(database_url=make_url(url))
        assert app.test_client().get("/health").status_code == 200
    answer = app.test_client().get("/health")
    assert (answer.status_code, answer.json and answer.json["status"]) == (
        503,
        "database does not answer",
    )


def test_a_wrong_password_is_refused_without_showing_it(server: Running) -> None:
    wrong = servers.url(server[0], "geheim")
    with pytest.raises(SettingsError, match="password authentication failed") as refused:
        open_database(make_url(wrong))
    assert "geheim" not in str(refused.value)


def test_a_connection_without_tls_is_not_taken(server: Running) -> None:
    plain = server[1].replace("sslmode=require", "sslmode=disable")
    with pytest.raises(SettingsError, match="no encryption"):
        open_database(make_url(plain))


class TokenDoor(BaseHTTPRequestHandler):
    """App Service's door for tokens (`overview-managed-identity`, azure-docs)."""

    asked: list[dict[str, str]] = []

    def do_GET(self) -> None:
        given = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        self.asked.append({**given, "header": self.headers["X-IDENTITY-HEADER"]})
        known = given.get("client_id") == "the-app"
        told = {
            "access_token": "token-of-the-app",
            "expires_on": "4102444800",
            "resource": given.get("resource", ""),
            "token_type": "Bearer",
        }
        content = json.dumps(told if known else {"message": "no such identity"}).encode()
        self.send_response(200 if known else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def token_door(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    """What the door was asked for."""
    TokenDoor.asked = []
    door = ThreadingHTTPServer(("127.0.0.1", 0), TokenDoor)
    thread = Thread(target=door.serve_forever)
    thread.start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{door.server_port}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "open sesame")
    yield TokenDoor.asked
    door.shutdown()
    thread.join()
    door.server_close()


def test_an_identity_signs_in_with_a_token(
    server: Running, token_door: list[dict[str, str]]
) -> None:
    running_server, url = server
    running_server.create_role("app-identity", "token-of-the-app")
    own = make_url(url).set(username="app-identity", password=None)
    engine = open_database(own, "the-app")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == "app-identity"
    engine.dispose()
    assert {each["resource"] for each in token_door} == {
        "https://ossrdbms-aad.database.windows.net"
    }
    assert {each["client_id"] for each in token_door} == {"the-app"}
    assert {each["header"] for each in token_door} == {"open sesame"}
    assert len(token_door) == 1, "the token is kept while it is valid"


def test_an_identity_that_gets_no_token_is_refused_in_one_line(
    server: Running, token_door: list[dict[str, str]]
) -> None:
    own = make_url(server[1]).set(username="app-identity", password=None)
    with pytest.raises(SettingsError, match=r"DATABASE_URL postgresql\+psycopg://… cannot") as told:
        open_database(own, "somebody-else")
    assert "\n" not in str(told.value)


def test_the_identity_is_a_setting() -> None:
    given = {"SECRET_KEY": "k" * 32, "DATABASE_IDENTITY": "the-app"}
    assert Settings.read(given).database_identity == "the-app"
