"""The audit on a real database, behind the internal API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from hotline import errors, internal
from hotline.audit import service
from hotline.audit.api import router
from hotline.audit.chain import Chain
from hotline.database import Database
from hotline.settings import Settings
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import casework, clock, office, orders  # noqa: F401


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a folder of the test's own."""
    return Settings(_env_file=None, internal_token="inside", audit_key="key", var_dir=tmp_path / "var")


@pytest.fixture
def chain(database: Database, settings: Settings) -> Chain:
    """The audit of one database."""
    return Chain.of(database, settings)


@pytest.fixture
def app(database: Database, settings: Settings, chain: Chain, orders: WorkOrders) -> FastAPI:  # noqa: F811
    """The internal API with the audit alone."""
    app = FastAPI()
    errors.install(app)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(router)
    app.include_router(inside)
    app.state.settings, app.state.database = settings, database
    app.state.audit, app.state.work_orders = chain, orders
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows the secret."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": "Bearer inside"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/internal", headers=headers
    ) as client:
        yield client


async def write(database: Database, *subjects: str, actor: str = "1024", action: str = "查看原文") -> None:
    """One line for each subject."""
    async with database.transaction() as session:
        for subject in subjects:
            await service.record(
                session,
                actor=actor,
                role="坐席",
                action=action,
                subject=subject,
                detail={"fields": ["phone"], "reason": "回访核实"},
            )
