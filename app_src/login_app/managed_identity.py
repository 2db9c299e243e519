"""Signing in to the database as a managed identity: a token takes the place of the password."""

from typing import Any

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ManagedIdentityCredential
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

# The audience of Azure Database for PostgreSQL, in every tenant (Microsoft, "Connect with managed
# identity to Azure Database for PostgreSQL").
TOKEN_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"  # noqa: S105 - an audience


def sign_in_with_tokens(engine: Engine, client_id: str) -> None:
    """Asks for a token at each new connection; the credential keeps it while it is valid."""
    credential = ManagedIdentityCredential(client_id=client_id)

    @event.listens_for(engine, "do_connect")
    def with_token(_dialect: object, _record: object, _args: object, given: dict[str, Any]) -> None:
        try:
            given["password"] = credential.get_token(TOKEN_SCOPE).token
        except ClientAuthenticationError as error:
            raise OperationalError("sign in as managed identity", None, error) from None
