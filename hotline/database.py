"""The one database: its engine, its sessions, and the base of all tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

SCHEMA = "hotline"


class Base(DeclarativeBase):
    """Base of all tables. Every table lives in the schema ``hotline``; every time is stored in UTC."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True)}


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def sqlalchemy_url(url: str) -> str:
    """The same address, naming psycopg as the driver."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


class Database:
    """Engine and sessions of one process."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            # Parameters are citizens' words; they have no place in an error's message.
            hide_parameters=True,
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._reading = create_async_engine(
            sqlalchemy_url(url),
            pool_size=1,
            max_overflow=pool_size,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )
        self._readers = async_sessionmaker(self._reading, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: committed at the end, rolled back on any exception."""
        async with self._sessions() as session, session.begin():
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads, each query by itself: one way to the database and back instead of four.

        For those who are in a hurry and try again when the connection was lost, which is not looked at before.
        """
        async with self._readers() as session:
            yield session

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()
        await self._reading.dispose()
