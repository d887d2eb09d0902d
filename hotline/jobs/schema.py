"""procrastinate's own tables, in the schema ``jobs``."""

from __future__ import annotations

import psycopg
from procrastinate import __version__ as version
from procrastinate.schema import SchemaManager

SCHEMA = "jobs"
_LOCK = 12345_02


def upgrade(url: str) -> None:
    """Make the tables this version of procrastinate needs.

    After an update of the package they are made anew: what waits there would come by itself at the next turn.
    """
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        made_by = connection.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", [SCHEMA]
        ).fetchone()
        if made_by is not None and made_by[0] == version:
            return
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
        connection.execute(SchemaManager.get_schema())
        connection.execute(
            psycopg.sql.SQL("COMMENT ON SCHEMA {} IS {}").format(
                psycopg.sql.Identifier(SCHEMA), psycopg.sql.Literal(version)
            )
        )
