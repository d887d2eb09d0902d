"""A calendar on a real database, behind the internal API."""

from __future__ import annotations

from datetime import date

import pytest
from fastapi import APIRouter, Depends, FastAPI

from hotline import errors, internal
from hotline.calendar.api import router
from hotline.calendar.service import CalendarService
from hotline.database import Database
from hotline.settings import Settings
from hotline.work_orders.deadlines import WorkingCalendar

#: holidays.yml of the city: a working Saturday and a free Friday of its own.
BASE = WorkingCalendar(workdays=frozenset({date(2026, 3, 7)}), holidays=frozenset({date(2026, 3, 6)}))


@pytest.fixture
def service(database: Database) -> CalendarService:
    """The calendar of one process."""
    return CalendarService(database, BASE)


@pytest.fixture
def app(service: CalendarService) -> FastAPI:
    """The internal API with the calendar alone."""
    app = FastAPI()
    errors.install(app)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(router)
    app.include_router(inside)
    app.state.settings = Settings(_env_file=None, internal_token="inside")
    app.state.calendar = service
    return app
