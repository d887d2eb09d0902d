"""A real PostgreSQL for the tests: one embedded server a run, one fresh database a test."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings

from hotline import postgres
from hotline.city import City
from hotline.database import Database
from hotline.migrate import upgrade
from hotline.work_orders.deadlines import WorkingCalendar
from hotline.work_orders.lifecycle import NATURES

ROOT = Path(__file__).resolve().parent.parent

# What is learnt from the data is the same for all tests: learning it anew in each takes a minute.
os.environ.setdefault("HOTLINE_CACHE_DIR", str(ROOT / "var" / "test-cache"))

# How long an example takes says something about the machine, not about the code.
hypothesis_settings.register_profile("hotline", deadline=None)
hypothesis_settings.load_profile("hotline")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server for this run: ``HOTLINE_TEST_DATABASE_URL``, or the embedded one."""
    given = os.environ.get("HOTLINE_TEST_DATABASE_URL")
    if given:
        yield given
        return
    server = postgres.start(ROOT / "var" / "test-postgres")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # what these hold need not outlive a power cut
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


def _database_address(server: str, name: str) -> str:
    info = psycopg.conninfo.conninfo_to_dict(server)
    return postgres.address(dict(info), database=name)


@pytest.fixture(scope="session")
def template(postgres_server: str) -> Iterator[str]:
    """The name of a database that holds the whole schema, to be copied for each test."""
    name = f"template_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        upgrade(_database_address(postgres_server, name))
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def fresh_database(postgres_server: str, template: str) -> FreshDatabase:
    """Makes fresh databases with the whole schema; each gives its address, and is dropped in the end."""

    @contextmanager
    def fresh() -> Iterator[str]:
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
            yield _database_address(postgres_server, name)
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return fresh


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> Iterator[str]:
    """The address of a fresh database with the whole schema."""
    with fresh_database() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, opened."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def city() -> City:
    """A city that promises every order in five working days."""
    return City(
        name="测试",
        hotline_name="测试市12345热线",
        deadlines=dict.fromkeys(NATURES, 5),
        calendar=WorkingCalendar(),
    )
