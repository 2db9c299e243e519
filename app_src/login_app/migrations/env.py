"""Alembic's entry: brings the database of the given connection up to date, in one transaction."""

from alembic import context

from login_app.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
