"""The jobs and their turns."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.jobs.schema import SCHEMA

logger = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[object]]

#: When each job comes by itself; cron, in UTC.
TURNS = {
    "triage": "* * * * *",
    "timers": "* * * * *",
    "deliver": "* * * * *",
    "outside": "* * * * *",
    "hot_issues": "*/10 * * * *",
    "housekeeping": "7 * * * *",
    "retention": "30 18 * * *",  # 02:30 in Shanghai
}


@dataclass(frozen=True)
class Jobs:
    """Calls jobs; the worker does them."""

    app: procrastinate.App

    async def open(self) -> None:
        """Connect."""
        await self.app.open_async()

    async def close(self) -> None:
        """Disconnect."""
        await self.app.close_async()

    async def call(self, name: str) -> None:
        """Have a job done now instead of at its next turn. It may fail: its turn comes."""
        try:
            await self.app.configure_task(name, queueing_lock=name).defer_async()
        except AlreadyEnqueued:
            pass
        except (ProcrastinateException, OperationalError, PoolTimeout) as error:
            logger.warning("a job could not be called; it comes at its turn", job=name, error=str(error))


def build(url: str, works: Mapping[str, Work] | None = None, *, connections: int = 2) -> Jobs:
    """The jobs on the database at ``url``.

    Args:
        works: what each job does; None for a process that only calls them.
        connections: how many the process may hold at most.
    """
    connector = procrastinate.PsycopgConnector(
        conninfo=url,
        kwargs={"options": f"-c search_path={SCHEMA}"},
        min_size=1,
        max_size=connections,
        timeout=5,
    )
    app = procrastinate.App(connector=connector)
    for name, work in (works or {}).items():
        _add(app, name, work)
    return Jobs(app)


def _add(app: procrastinate.App, name: str, work: Work) -> None:
    @app.periodic(cron=TURNS[name])
    @app.task(name=name, queueing_lock=name)
    async def turn(timestamp: int = 0) -> None:
        try:
            await work()
        except Exception:
            # The next turn tries again; what went wrong is to be seen.
            logger.exception("a job failed", job=name)
            raise


async def workers_alive(session: AsyncSession) -> bool:
    """Whether a worker has given a sign of life lately."""
    beat = f"SELECT EXISTS (SELECT FROM {SCHEMA}.procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute')"
    return bool(await session.scalar(text(beat)))
