"""Runs migrations under an advisory lock and a lock timeout; called by `services.store.migrate`."""

from __future__ import annotations

import time

from alembic import context
from sqlalchemy import text

from services.store.schema import metadata

LOCK = 0x0DA7E11E
"""Advisory lock: a second `dateline migrate` waits for the first."""

connection = context.config.attributes["connection"]
# Polled, with no transaction open in between: CREATE INDEX CONCURRENTLY in the process that holds the lock
# waits for all open transactions.
while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}).scalar():
    connection.rollback()
    time.sleep(0.2)
connection.execute(text("SET lock_timeout = '10s'"))
connection.commit()
try:
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
finally:
    connection.rollback()
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
    connection.commit()
