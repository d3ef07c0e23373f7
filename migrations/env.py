"""Alembic's entry point. Migrations know no application code: they say in plain terms what they change."""

from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool, hide_parameters=True)

with engine.connect() as connection:
    context.configure(
        connection=connection, render_as_batch=connection.dialect.name == "sqlite", transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
