"""One database for the tests of a process, emptied after each: a new one for each costs ten times as much."""

from __future__ import annotations

import psycopg
from psycopg import sql

_FILLED_BY_MIGRATIONS = frozenset({"alembic_version", "areas"})
_SHAPE = """
SELECT md5(string_agg(concat(oid, relname, relnatts, relchecks), ',' ORDER BY oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'v', 'S')
UNION ALL SELECT md5(string_agg(concat(oid, pg_get_constraintdef(oid)), ',' ORDER BY oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT md5(string_agg(concat(oid, tgenabled), ',' ORDER BY oid)) FROM pg_trigger
    WHERE NOT tgisinternal
UNION ALL SELECT md5(string_agg(concat(oid, md5(prosrc)), ',' ORDER BY oid)) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace
UNION ALL SELECT md5(string_agg(a::text, ',' ORDER BY a)) FROM areas a
"""


class TestDatabase:
    """A database at the newest schema, made from the template `dateline` when it is first asked for, and made
    again where a test changed the schema or left it unusable."""

    __test__ = False

    def __init__(self, server_url: str, name: str = "test") -> None:
        self._admin = server_url.rsplit("/", 1)[0] + "/postgres"
        self.url = server_url.rsplit("/", 1)[0] + f"/{name}"
        self._name = sql.Identifier(name)
        self._shape: list[tuple[str]] | None = None

    def ready(self) -> str:
        """The URL of an empty database."""
        if self._shape is None:
            with psycopg.connect(self._admin, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(self._name))
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE dateline STRATEGY file_copy").format(self._name)
                )
            with psycopg.connect(self.url, autocommit=True) as connection:
                self._shape = connection.execute(_SHAPE).fetchall()
        return self.url

    def empty(self) -> None:
        """Ends what is still connected, deletes all rows and begins all numbers anew."""
        shape, self._shape = self._shape, None
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                    "AND backend_type = 'client backend'"
                )
                if connection.execute(_SHAPE).fetchall() == shape:
                    _delete_rows(connection)
                    self._shape = shape
        except psycopg.Error:
            return  # it is made again


def _delete_rows(connection: psycopg.Connection) -> None:
    names = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ).fetchall()
    tables = [name for (name,) in names if name not in _FILLED_BY_MIGRATIONS]
    looks = [sql.SQL("(SELECT {} FROM {} LIMIT 1)").format(table, sql.Identifier(table)) for table in tables]
    filled = connection.execute(sql.SQL(" UNION ALL ").join(looks)).fetchall()
    with connection.transaction():
        # Neither foreign keys nor the change feed need to know.
        connection.execute("SET LOCAL session_replication_role = replica")
        for (name,) in filled:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    connection.execute(
        "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
        "FROM pg_sequences WHERE last_value IS NOT NULL"
    )
