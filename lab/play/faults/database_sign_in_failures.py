"""Somebody guesses passwords of the database's administrator."""

import contextlib
from collections.abc import Sequence
from typing import Final

import psycopg

from lab.azure.dbforpostgresql import server_of
from lab.host.loopback import HOST
from lab.play.fault import Fault, Scene
from traffic.people import Person

SLUG: Final = "database_sign_in_failures"
SERVER: Final = "azure-native:dbforpostgresql:Server"
GUESSES: Final = 8


def fault(seed: int, people: Sequence[Person]) -> Fault:
    """Of a stack with a database; another one has neither the server nor the detection."""
    servers: list[str] = []

    def guess(scene: Scene) -> None:
        for server in scene.azure.resources.list(SERVER):
            running = server_of(scene.azure, server.name)
            if running is not None:
                servers.append(server.name.lower())
                with contextlib.suppress(psycopg.OperationalError):
                    psycopg.connect(
                        host=HOST,
                        port=running.port,
                        user=str(server.inputs.get("administratorLogin") or "postgres"),
                        password="one of many",  # noqa: S106  # a guess, and a wrong one
                        dbname="postgres",
                        connect_timeout=10,
                    ).close()

    return Fault(
        slug=SLUG,
        description=f"{GUESSES} wrong passwords are tried at the database server.",
        steps=tuple((30.0 * number, guess) for number in range(GUESSES)),
        targets=servers,
    )
