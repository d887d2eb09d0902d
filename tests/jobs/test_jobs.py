"""Jobs are done when they are called and at their turns, by however many workers; a lost one does no harm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from hotline.database import Database
from hotline.jobs import app as module
from hotline.jobs import schema
from hotline.jobs.app import Jobs, Work, build, workers_alive
from hotline.jobs.worker import tidy


@asynccontextmanager
async def working(url: str, works: dict[str, Work]) -> AsyncIterator[Jobs]:
    """A worker that runs beside the test."""
    jobs = build(url, works, connections=3)
    async with jobs.app.open_async():
        task = asyncio.create_task(
            jobs.app.run_worker_async(
                install_signal_handlers=False, delete_jobs="successful", fetch_job_polling_interval=0.1
            )
        )
        yield jobs
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def caller(url: str) -> AsyncIterator[Jobs]:
    """A process that only calls."""
    jobs = build(url)
    await jobs.open()
    yield jobs
    await jobs.close()


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """What a query of the jobs' tables gives."""
    with psycopg.connect(url, options=f"-c search_path={schema.SCHEMA}") as connection:
        return connection.execute(query).fetchall()


async def test_a_called_job_is_done_at_once(database_url: str) -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    async with working(database_url, {"triage": work}), caller(database_url) as other:
        await other.call("triage")
        await asyncio.wait_for(done.wait(), 10)


async def test_calls_pile_up_to_one(database_url: str) -> None:
    async with caller(database_url) as jobs:
        for _ in range(5):
            await jobs.call("deliver")

    assert rows(database_url, "SELECT count(*) FROM procrastinate_jobs") == [(1,)]


async def test_a_job_comes_at_its_turn_once_though_there_are_several_workers(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module.TURNS, "timers", "* * * * * *")  # every second
    turns: list[int] = []

    def worker(number: int) -> Work:
        async def work() -> None:
            turns.append(number)

        return work

    async with working(database_url, {"timers": worker(1)}), working(database_url, {"timers": worker(2)}):
        async with asyncio.timeout(15):
            while len(turns) < 3:
                await asyncio.sleep(0.05)

    turned = "SELECT count(*), count(DISTINCT defer_timestamp) FROM procrastinate_periodic_defers"
    [(kept, moments)] = rows(database_url, turned)
    assert kept == moments


async def test_a_failing_job_does_not_end_the_worker(database_url: str) -> None:
    tries = asyncio.Queue[int]()

    async def work() -> None:
        await tries.put(1)
        raise RuntimeError("not today")

    async with working(database_url, {"deliver": work}) as jobs:
        for _ in range(2):
            await jobs.call("deliver")
            await asyncio.wait_for(tries.get(), 10)


async def test_the_job_of_a_killed_worker_is_cleared_away_and_does_not_block_the_next(
    database_url: str,
) -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    async with caller(database_url) as jobs:
        await jobs.call("deliver")
        with psycopg.connect(database_url, options=f"-c search_path={schema.SCHEMA}") as connection:
            connection.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
            )
            connection.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
            )
    async with working(database_url, {"deliver": work}) as jobs:
        await jobs.call("deliver")
        await asyncio.wait_for(done.wait(), 10)
        await tidy(jobs)

    assert rows(database_url, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == [(0,)]


async def test_whether_a_worker_lives_is_known(database_url: str, database: Database) -> None:
    async with database.transaction() as session:
        assert not await workers_alive(session)

    async def work() -> None: ...

    async with working(database_url, {"deliver": work}), asyncio.timeout(10):
        while True:
            async with database.transaction() as session:
                if await workers_alive(session):
                    break
            await asyncio.sleep(0.05)


async def test_calling_without_a_database_fails_quietly(database_url: str) -> None:
    async with caller(database_url) as jobs:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {schema.SCHEMA} CASCADE")
        await jobs.call("triage")


def test_the_tables_are_made_anew_for_another_version_only(database_url: str) -> None:
    def number() -> object:
        return rows(database_url, "SELECT 'procrastinate_jobs'::regclass::oid")

    first = number()
    schema.upgrade(database_url)
    assert number() == first
    with psycopg.connect(database_url) as connection:
        connection.execute(f"COMMENT ON SCHEMA {schema.SCHEMA} IS '1.0'")
    schema.upgrade(database_url)
    assert number() != first
